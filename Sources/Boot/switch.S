// Switching between stacks: void apus_switch(void **from, void *to) saves what a call preserves on the running stack,
// keeps the stack pointer in *from and continues on the stack `to`. AAPCS64 section 6.1; the System V ABI on the host,
// where the tests of the task core run.

#if defined(__aarch64__) && !defined(__linux__)
    .arch_extension fp
    .arch_extension simd
    .section .text.apus_switch, "ax"
    .global apus_switch
apus_switch:
    sub     sp, sp, #160
    stp     x19, x20, [sp, #16 * 0]
    stp     x21, x22, [sp, #16 * 1]
    stp     x23, x24, [sp, #16 * 2]
    stp     x25, x26, [sp, #16 * 3]
    stp     x27, x28, [sp, #16 * 4]
    stp     x29, x30, [sp, #16 * 5]
    stp     d8, d9, [sp, #16 * 6]
    stp     d10, d11, [sp, #16 * 7]
    stp     d12, d13, [sp, #16 * 8]
    stp     d14, d15, [sp, #16 * 9]
    mov     x2, sp
    str     x2, [x0]
    mov     sp, x1
    ldp     x19, x20, [sp, #16 * 0]
    ldp     x21, x22, [sp, #16 * 1]
    ldp     x23, x24, [sp, #16 * 2]
    ldp     x25, x26, [sp, #16 * 3]
    ldp     x27, x28, [sp, #16 * 4]
    ldp     x29, x30, [sp, #16 * 5]
    ldp     d8, d9, [sp, #16 * 6]
    ldp     d10, d11, [sp, #16 * 7]
    ldp     d12, d13, [sp, #16 * 8]
    ldp     d14, d15, [sp, #16 * 9]
    add     sp, sp, #160
    ret

// Where a new stack starts: x19 holds the argument of apus_task_body, which never returns.
    .section .text.apus_task_entry, "ax"
    .global apus_task_entry
apus_task_entry:
    mov     x0, x19
    mov     x29, xzr                    // the end of the backtrace
    mov     x30, xzr
    bl      apus_task_body
    brk     #0xdead

#elif defined(__x86_64__)
    .text
    .globl apus_switch
apus_switch:
    pushq   %rbx
    pushq   %rbp
    pushq   %r12
    pushq   %r13
    pushq   %r14
    pushq   %r15
    movq    %rsp, (%rdi)
    movq    %rsi, %rsp
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %rbp
    popq    %rbx
    ret

    .globl apus_task_entry
apus_task_entry:
    movq    %rbx, %rdi
    xorl    %ebp, %ebp
    subq    $8, %rsp                    // aligned to 16 at the call
    callq   apus_task_body
    ud2
    .section .note.GNU-stack, "", @progbits
#endif
