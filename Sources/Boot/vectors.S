#if defined(__aarch64__) && !defined(__linux__)
    .arch_extension fp
    .arch_extension simd
// Exceptions. Tasks run at EL1t on SP_EL0; an exception switches to SP_EL1, so it has a stack even when the task's is
// gone. An exception while handling one arrives by the second group of vectors and gets the crash stack.

#include "registers.h"

    .macro save_frame
    sub     sp, sp, #FRAME_SIZE
    stp     x0, x1, [sp, #16 * 0]
    stp     x2, x3, [sp, #16 * 1]
    stp     x4, x5, [sp, #16 * 2]
    stp     x6, x7, [sp, #16 * 3]
    stp     x8, x9, [sp, #16 * 4]
    stp     x10, x11, [sp, #16 * 5]
    stp     x12, x13, [sp, #16 * 6]
    stp     x14, x15, [sp, #16 * 7]
    stp     x16, x17, [sp, #16 * 8]
    stp     x18, x19, [sp, #16 * 9]
    stp     x20, x21, [sp, #16 * 10]
    stp     x22, x23, [sp, #16 * 11]
    stp     x24, x25, [sp, #16 * 12]
    stp     x26, x27, [sp, #16 * 13]
    stp     x28, x29, [sp, #16 * 14]
    mrs     x1, sp_el0
    stp     x30, x1, [sp, #16 * 15]
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    stp     x2, x3, [sp, #16 * 16]
    mrs     x4, esr_el1
    mrs     x5, far_el1
    stp     x4, x5, [sp, #16 * 17]
    mrs     x6, fpsr
    mrs     x7, fpcr
    stp     x6, x7, [sp, #16 * 18]
    add     x8, sp, #FRAME_Q
    stp     q0, q1, [x8, #32 * 0]
    stp     q2, q3, [x8, #32 * 1]
    stp     q4, q5, [x8, #32 * 2]
    stp     q6, q7, [x8, #32 * 3]
    stp     q8, q9, [x8, #32 * 4]
    stp     q10, q11, [x8, #32 * 5]
    stp     q12, q13, [x8, #32 * 6]
    stp     q14, q15, [x8, #32 * 7]
    stp     q16, q17, [x8, #32 * 8]
    stp     q18, q19, [x8, #32 * 9]
    stp     q20, q21, [x8, #32 * 10]
    stp     q22, q23, [x8, #32 * 11]
    stp     q24, q25, [x8, #32 * 12]
    stp     q26, q27, [x8, #32 * 13]
    stp     q28, q29, [x8, #32 * 14]
    stp     q30, q31, [x8, #32 * 15]
    .endm

    .section .text.vectors, "ax"

// Comes back from an exception to what the frame at sp says.
restore_frame:
    add     x8, sp, #FRAME_Q
    ldp     q0, q1, [x8, #32 * 0]
    ldp     q2, q3, [x8, #32 * 1]
    ldp     q4, q5, [x8, #32 * 2]
    ldp     q6, q7, [x8, #32 * 3]
    ldp     q8, q9, [x8, #32 * 4]
    ldp     q10, q11, [x8, #32 * 5]
    ldp     q12, q13, [x8, #32 * 6]
    ldp     q14, q15, [x8, #32 * 7]
    ldp     q16, q17, [x8, #32 * 8]
    ldp     q18, q19, [x8, #32 * 9]
    ldp     q20, q21, [x8, #32 * 10]
    ldp     q22, q23, [x8, #32 * 11]
    ldp     q24, q25, [x8, #32 * 12]
    ldp     q26, q27, [x8, #32 * 13]
    ldp     q28, q29, [x8, #32 * 14]
    ldp     q30, q31, [x8, #32 * 15]
    ldp     x6, x7, [sp, #16 * 18]
    msr     fpsr, x6
    msr     fpcr, x7
    ldp     x2, x3, [sp, #16 * 16]
    msr     elr_el1, x2
    msr     spsr_el1, x3
    ldp     x30, x1, [sp, #16 * 15]
    msr     sp_el0, x1
    ldp     x28, x29, [sp, #16 * 14]
    ldp     x26, x27, [sp, #16 * 13]
    ldp     x24, x25, [sp, #16 * 12]
    ldp     x22, x23, [sp, #16 * 11]
    ldp     x20, x21, [sp, #16 * 10]
    ldp     x18, x19, [sp, #16 * 9]
    ldp     x16, x17, [sp, #16 * 8]
    ldp     x14, x15, [sp, #16 * 7]
    ldp     x12, x13, [sp, #16 * 6]
    ldp     x10, x11, [sp, #16 * 5]
    ldp     x8, x9, [sp, #16 * 4]
    ldp     x6, x7, [sp, #16 * 3]
    ldp     x4, x5, [sp, #16 * 2]
    ldp     x2, x3, [sp, #16 * 1]
    ldp     x0, x1, [sp, #16 * 0]
    add     sp, sp, #FRAME_SIZE
    eret

task_sync:
    save_frame
    mov     x0, sp
    bl      apus_task_exception         // returns when the cause is mended: a probe, a page of stack
    b       restore_frame

task_irq:
    save_frame
    ldr     x1, =apus_interrupt_handler
    ldr     x1, [x1]
    cbz     x1, 1f
    blr     x1
    b       restore_frame
1:  mov     x0, sp
    mov     x1, #1
    bl      apus_crash

task_fiq:
    save_frame
    mov     x0, sp
    mov     x1, #2
    bl      apus_crash

task_serror:
    save_frame
    mov     x0, sp
    bl      apus_task_serror            // returns when a probe caused it
    b       restore_frame

// An exception inside an exception. Its stack may be the cause, so nothing of it is used. The third level gets no
// report but one line.
nested:
    msr     tpidr_el1, x0
    ldr     x0, =apus_nesting
    ldr     w0, [x0]
    cbnz    w0, give_up
    mov     x0, sp
    msr     tpidrro_el0, x0
    ldr     x0, =__crash_stack_top
    mov     sp, x0
    mov     w0, #1
    stp     x1, x2, [sp, #-16]
    ldr     x1, =apus_nesting
    str     w0, [x1]
    ldp     x1, x2, [sp, #-16]
    mrs     x0, tpidr_el1
    save_frame
    mrs     x1, tpidrro_el0
    str     x1, [sp, #16 * 15 + 8]      // the stack of the handler that failed
    mov     x0, sp
    mov     x1, #3
    bl      apus_crash
give_up:
    ldr     x0, =__crash_stack_top
    mov     sp, x0
    mrs     x0, elr_el1
    bl      apus_last_words             // C: one line, then stop
    b       .

from_below:
    b       nested                      // nothing runs at EL0

    .macro vector target
    .balign 128
    b       \target
    .endm

    .balign 2048
    .global apus_vectors
apus_vectors:
    vector  task_sync                   // EL1t: tasks
    vector  task_irq
    vector  task_fiq
    vector  task_serror
    vector  nested                      // EL1h: handlers
    vector  nested
    vector  nested
    vector  nested
    .rept 8                             // EL0, which nothing uses
    vector  from_below
    .endr
    .balign 128

// MARK: - Probing

// bool apus_probe_load(uintptr_t address, uint32_t *value): reads a register that may not be there. An abort of the
// load continues at apus_probe_failed. Both barriers keep an asynchronous abort inside this function.
    .section .text.apus_probe_load, "ax"
    .global apus_probe_load
    .global apus_probe_begin
    .global apus_probe_end
    .global apus_probe_failed
apus_probe_load:
    dsb     sy
apus_probe_begin:
    ldr     w2, [x0]
    dsb     sy                          // an asynchronous abort of the load arrives before this ends
    isb
apus_probe_end:
    str     w2, [x1]
    mov     w0, #1
    ret
apus_probe_failed:
    mov     w0, #0
    ret

    .section .bss.apus_nesting, "aw", %nobits
    .balign 4
    .global apus_nesting
apus_nesting:
    .space  4
#endif
