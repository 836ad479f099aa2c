#if defined(__aarch64__) && !defined(__linux__)
// From the first instruction to Swift. Entered at EL3 (QEMU with an ELF), EL2 (the firmware's stub, QEMU with a raw image)
// or EL1, with the MMU and caches off, on one core or on all of them. Leaves at EL1 with SP_EL0 for tasks and SP_EL1
// for exceptions, page tables and caches on, the other cores parked.
// Sources: Arm ARM DDI 0487 (registers), Documentation/arch/arm64/booting.rst of Linux (header), the stub's spin table.

#include "registers.h"

    .section .text.boot, "ax"
    .global _start
_start:
    b       start                       // code0
    nop                                 // code1
    .quad   IMAGE_ADDRESS               // text_offset: loaders that read this header put us where we are linked
    .quad   __image_limit - _start      // image_size, .bss and stacks included
    .quad   2                           // flags: little endian, 4 KiB pages
    .quad   0, 0, 0
    .ascii  "ARM\x64"                   // magic
    .word   0

    // The readable note, filled in after linking (`apus build`): application, version, commit, build id, devices.
    .global apus_note
apus_note:
    .space  APUS_NOTE_SIZE

start:
    msr     daifset, #15
    mov     x20, x0                     // the device tree, if it is one
    mrs     x1, mpidr_el1
    ands    x19, x1, #0xff              // core number
    b.ne    1f
    adr     x1, _start                  // loaded elsewhere (no header support, other kernel_address)? Move down.
    mov     x2, #IMAGE_ADDRESS
    cmp     x1, x2
    b.ne    relocate
1:
    mrs     x1, CurrentEL
    cmp     x1, #(3 << 2)
    b.eq    from_el3
    cmp     x1, #(2 << 2)
    b.eq    from_el2
    b       at_el1

// MARK: - Relocation

// Copies the image to where it is linked and continues there. Forward copy: right when the target lies below the
// source, or does not overlap it.
relocate:
    adrp    x3, __image_end
    add     x3, x3, :lo12:__image_end   // adrp is relative: this is the end of the copy that runs
    mov     x4, x2
2:  ldp     x5, x6, [x1], #16
    stp     x5, x6, [x4], #16
    cmp     x1, x3
    b.lo    2b
    dsb     sy                          // the copy is in memory before instructions are fetched from it
    ic      iallu
    dsb     sy
    isb
    mov     x0, x20
    br      x2

// MARK: - Exception levels

from_el3:
    mov     x1, #SCR_EL3_VALUE
    msr     scr_el3, x1
    msr     cptr_el3, xzr
    mov     x1, #ACTLR_EL3_VALUE        // EL2 may use CPUACTLR, CPUECTLR, L2CTLR, L2ECTLR, L2ACTLR
    msr     actlr_el3, x1
    mrs     x1, CPUECTLR_EL1
    orr     x1, x1, #CPUECTLR_SMPEN     // coherency with the other cores, before any cache is on
    msr     CPUECTLR_EL1, x1
    // Nobody has given the interrupts to the non-secure side yet. A GIC without the security extension (QEMU's) has no
    // such side: there group 1 would be one that nobody enables.
    ldr     x1, =GICD_BASE
    ldr     w3, [x1, #GICD_TYPER]
    tbz     w3, #GICD_TYPER_SECURITY, 4f
    and     w3, w3, #0x1f               // words of 32 interrupts, less one
    mov     w2, #-1
    add     x1, x1, #GICD_IGROUPR
3:  str     w2, [x1, w3, uxtw #2]
    subs    w3, w3, #1
    b.pl    3b
4:
    ldr     x1, =GICC_BASE
    mov     w2, #0xff
    str     w2, [x1, #GICC_PMR]
    mov     x1, #SPSR_EL2H
    msr     spsr_el3, x1
    adr     x1, from_el2
    msr     elr_el3, x1
    eret

from_el2:
    mrs     x1, cnthctl_el2
    orr     x1, x1, #3                  // EL1 uses the physical counter and timer
    msr     cnthctl_el2, x1
    msr     cntvoff_el2, xzr
    mrs     x1, midr_el1
    msr     vpidr_el2, x1
    mrs     x1, mpidr_el1
    msr     vmpidr_el2, x1
    mov     x1, #CPTR_EL2_VALUE
    msr     cptr_el2, x1
    msr     hstr_el2, xzr
    mov     x1, #ACTLR_EL3_VALUE
    msr     actlr_el2, x1
    mrs     x1, mdcr_el2
    and     x1, x1, #0x1f               // no traps; keep HPMN
    msr     mdcr_el2, x1
    msr     vttbr_el2, xzr
    mov     x1, #HCR_EL2_VALUE
    msr     hcr_el2, x1
    ldr     x1, =SCTLR_EL1_OFF
    msr     sctlr_el1, x1
    mov     x1, #SPSR_EL1T
    msr     spsr_el2, x1
    adr     x1, at_el1
    msr     elr_el2, x1
    isb
    eret

// MARK: - EL1

at_el1:
    ldr     x1, =SCTLR_EL1_OFF
    msr     sctlr_el1, x1
    mov     x1, #CPACR_FPEN             // Swift uses SIMD registers everywhere
    msr     cpacr_el1, x1
    isb
    cbnz    x19, park

    msr     spsel, #1
    ldr     x1, =__exception_stack_top
    mov     sp, x1
    msr     spsel, #0
    ldr     x1, =__boot_stack_top
    mov     sp, x1

    ldr     x1, =__bss_start            // nothing clears it for us on the board
    ldr     x2, =__pagetables_end
4:  stp     xzr, xzr, [x1], #16
    cmp     x1, x2
    b.lo    4b

    // Cores 1 to 3 wait in the firmware's (or QEMU's) spin table: send them to `start`, where they park in wfi. The caches
    // are off on both sides, so a barrier is all that must stand between the store and the event.
    adr     x1, start
    mov     x2, #SPIN_TABLE
    stp     x1, x1, [x2, #8]
    str     x1, [x2, #24]
    dsb     sy
    sev

    mov     x0, x20
    bl      apus_prepare_memory         // C: checks the device tree pointer, writes the page tables
    // The tables and .bss were written past the caches: no line of them that an earlier stage left may survive.
    ldr     x1, =__bss_start
    ldr     x2, =__image_limit
5:  dc      ivac, x1
    add     x1, x1, #64
    cmp     x1, x2
    b.lo    5b
    bl      enable_mmu
    ldr     x1, =apus_vectors
    msr     vbar_el1, x1
    isb
    msr     daifclr, #4                 // SErrors are reported from here on
    mov     x29, xzr                    // the end of every backtrace
    mov     x30, xzr
    bl      apus_start                  // Swift, in the board's module
    b       .

// Turns on the MMU and the caches of this core. Clobbers x1.
enable_mmu:
    ldr     x1, =MAIR_VALUE
    msr     mair_el1, x1
    ldr     x1, =TCR_VALUE
    msr     tcr_el1, x1
    ldr     x1, =apus_page_tables
    msr     ttbr0_el1, x1
    dsb     sy                          // the tables are in memory before the walker looks
    tlbi    vmalle1
    ic      iallu
    dsb     sy
    isb
    ldr     x1, =SCTLR_EL1_ON
    msr     sctlr_el1, x1
    isb
    ret

// MARK: - Parked cores

// Core x19 sleeps until `apus_give_core_work` gives it a function, calls it, and sleeps again. Everything is masked: an
// interrupt (SGI 0) ends the wfi but is not taken. Before the first work MMU and caches are off here, so the giver cleans the
// mailbox to memory and we just read it.
park:
    ldr     x1, =GICC_BASE
    mov     w2, #0xff
    str     w2, [x1, #GICC_PMR]
    mov     w2, #1
    str     w2, [x1, #GICC_CTLR]        // the CPU interface is banked: only this core can open it
    ldr     x3, =GICD_BASE
    str     w2, [x3, #GICD_ISENABLER]   // SGI 0; banked as well
    ldr     x3, =apus_core_work
    add     x3, x3, x19, lsl #4
6:  dsb     sy
    wfi
    ldr     w2, [x1, #GICC_IAR]
    and     w4, w2, #0x3ff
    cmp     w4, #1020
    b.hs    7f
    str     w2, [x1, #GICC_EOIR]
7:  ldr     x4, [x3]                    // the function
    cbz     x4, 6b
    ldr     x5, [x3, #8]                // its stack: the upper half for the function,
    str     xzr, [x3]
    msr     spsel, #1
    sub     x6, x5, #CORE_STACK_SIZE / 2
    mov     sp, x6                      // the lower half for exceptions
    msr     spsel, #0
    mov     sp, x5
    bl      enable_mmu
    ldr     x1, =apus_vectors
    msr     vbar_el1, x1
    isb
    mov     x0, x19
    mov     x29, xzr
    mov     x30, xzr
    blr     x4
    b       park

    .section .bss.apus_core_work, "aw", %nobits
    .balign 64
    .global apus_core_work
apus_core_work:
    .space  4 * 16
    .balign 64
#endif
