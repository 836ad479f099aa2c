#if defined(__aarch64__) && !defined(__linux__)
    .arch_extension fp
    .arch_extension simd
// memcpy, memmove, memset, memcmp: what compiled code calls by name. Unaligned access is fine here: these run on Normal
// memory only, after the MMU is on.

    .section .text.memmove, "ax"
    .global memcpy
    .global memmove
memmove:
    sub     x3, x0, x1
    cmp     x3, x2
    b.lo    backwards                   // the target starts inside the source
memcpy:
    mov     x3, x0
    subs    x4, x2, #64
    b.lo    2f
1:  ldp     q0, q1, [x1]
    ldp     q2, q3, [x1, #32]
    add     x1, x1, #64
    stp     q0, q1, [x3]
    stp     q2, q3, [x3, #32]
    add     x3, x3, #64
    subs    x4, x4, #64
    b.hs    1b
2:  tbz     x4, #5, 3f                  // the low six bits of x4 are the rest's length
    ldp     q0, q1, [x1], #32
    stp     q0, q1, [x3], #32
3:  tbz     x4, #4, 4f
    ldr     q0, [x1], #16
    str     q0, [x3], #16
4:  tbz     x4, #3, 5f
    ldr     x5, [x1], #8
    str     x5, [x3], #8
5:  tbz     x4, #2, 6f
    ldr     w5, [x1], #4
    str     w5, [x3], #4
6:  tbz     x4, #1, 7f
    ldrh    w5, [x1], #2
    strh    w5, [x3], #2
7:  tbz     x4, #0, 8f
    ldrb    w5, [x1]
    strb    w5, [x3]
8:  ret

backwards:
    add     x1, x1, x2
    add     x3, x0, x2
    subs    x4, x2, #64
    b.lo    2f
1:  ldp     q0, q1, [x1, #-32]
    ldp     q2, q3, [x1, #-64]!
    stp     q0, q1, [x3, #-32]
    stp     q2, q3, [x3, #-64]!
    subs    x4, x4, #64
    b.hs    1b
2:  tbz     x4, #5, 3f
    ldp     q0, q1, [x1, #-32]!
    stp     q0, q1, [x3, #-32]!
3:  tbz     x4, #4, 4f
    ldr     q0, [x1, #-16]!
    str     q0, [x3, #-16]!
4:  tbz     x4, #3, 5f
    ldr     x5, [x1, #-8]!
    str     x5, [x3, #-8]!
5:  tbz     x4, #2, 6f
    ldr     w5, [x1, #-4]!
    str     w5, [x3, #-4]!
6:  tbz     x4, #1, 7f
    ldrh    w5, [x1, #-2]!
    strh    w5, [x3, #-2]!
7:  tbz     x4, #0, 8f
    ldrb    w5, [x1, #-1]!
    strb    w5, [x3, #-1]!
8:  ret

// void free(void *): the runtime's, under the name that compiled Swift calls and that Swift code may not define.
    .section .text.free, "ax"
    .global free
free:
    b       apus_free

    .section .text.memset, "ax"
    .global memset
memset:
    dup     v0.16b, w1
    mov     x3, x0
    subs    x4, x2, #64
    b.lo    2f
1:  stp     q0, q0, [x3]
    stp     q0, q0, [x3, #32]
    add     x3, x3, #64
    subs    x4, x4, #64
    b.hs    1b
2:  tbz     x4, #5, 3f
    stp     q0, q0, [x3], #32
3:  tbz     x4, #4, 4f
    str     q0, [x3], #16
4:  tbz     x4, #3, 5f
    str     d0, [x3], #8
5:  tbz     x4, #2, 6f
    str     s0, [x3], #4
6:  tbz     x4, #1, 7f
    str     h0, [x3], #2
7:  tbz     x4, #0, 8f
    str     b0, [x3]
8:  ret

    .section .text.memcmp, "ax"
    .global memcmp
memcmp:
    subs    x2, x2, #8
    b.lo    2f
1:  ldr     x3, [x0], #8
    ldr     x4, [x1], #8
    cmp     x3, x4
    b.ne    4f
    subs    x2, x2, #8
    b.hs    1b
2:  adds    x2, x2, #8
    b.eq    5f
3:  ldrb    w3, [x0], #1
    ldrb    w4, [x1], #1
    subs    w5, w3, w4
    b.ne    6f
    subs    x2, x2, #1
    b.ne    3b
5:  mov     w0, #0
    ret
4:  rev     x3, x3                      // the first differing byte decides: make it the most significant
    rev     x4, x4
    cmp     x3, x4
    mov     w0, #1
    cneg    w0, w0, lo
    ret
6:  mov     w0, w5
    ret
#endif
