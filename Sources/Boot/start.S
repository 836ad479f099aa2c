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
    bl      leave_caches
    adr     x1, _start                  // loaded elsewhere (no header support, other kernel_address)? Move.
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

// MARK: - Other loaders

// A loader that jumps here with its MMU and caches on (U-Boot's `go`, at EL2) has written the image and the device tree into its cache.
// What runs in a moment reads past it: both go to memory, and the caches off. Clobbers x1 to x3.
leave_caches:
    mrs     x1, CurrentEL
    tbnz    x1, #3, 2f                  // EL2, or EL3
    mrs     x1, sctlr_el1
    b       3f
2:  tbnz    x1, #2, 9f                  // EL3: no loader runs there
    mrs     x1, sctlr_el2
3:  tbz     x1, #SCTLR_C, 9f
    adr     x2, _start
    ldr     x3, =__image_limit - IMAGE_ADDRESS
    add     x3, x3, x2
4:  dc      civac, x2
    add     x2, x2, #64
    cmp     x2, x3
    b.lo    4b
    lsr     x2, x20, #30                // a device tree lies in the first gigabyte
    cbnz    x2, 6f
    mov     x2, x20
    add     x3, x20, #TREE_LIMIT
5:  dc      civac, x2
    add     x2, x2, #64
    cmp     x2, x3
    b.lo    5b
6:  dsb     sy                          // in memory before anything looks there past the cache
    mrs     x1, CurrentEL
    tbnz    x1, #3, 7f
    ldr     x1, =SCTLR_EL1_OFF
    msr     sctlr_el1, x1
    isb
    tlbi    vmalle1
    b       8f
7:  ldr     x1, =SCTLR_EL2_OFF
    msr     sctlr_el2, x1
    isb
    tlbi    alle2
8:  ic      iallu
    dsb     sy
    isb
9:  ret

// MARK: - Relocation

// Copies the image from x1 to x2, where it is linked, and continues there. A copy upwards begins at its end. A copy downwards runs over
// the code that makes it, so that code goes first to where it is safe, right below the target.
relocate:
    ldr     x3, =__image_end
    sub     x3, x3, x2                  // the length, a multiple of 16
    b.lo    up                          // by the comparison above
    adr     x5, down
    sub     x6, x2, #(moved - down)
    mov     x7, x6
2:  ldr     w8, [x5], #4
    str     w8, [x7], #4
    cmp     x7, x2
    b.lo    2b
    dsb     sy                          // in memory before it is fetched from there
    ic      iallu
    dsb     sy
    isb
    add     x3, x3, x1                  // the end of the source
    br      x6
up:
    add     x4, x2, x3
    add     x3, x3, x1
2:  ldp     x5, x6, [x3, #-16]!
    stp     x5, x6, [x4, #-16]!
    cmp     x3, x1
    b.hi    2b
    b       moved_up
down:
    mov     x4, x2
2:  ldp     x5, x6, [x1], #16
    stp     x5, x6, [x4], #16
    cmp     x1, x3
    b.lo    2b
moved_up:
    dsb     sy                          // the copy is in memory before instructions are fetched from it
    ic      iallu
    dsb     sy
    isb
    mov     x0, x20
    br      x2
moved:

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
    mrs     x1, L2CTLR_EL1
    mov     x2, #L2CTLR_LATENCIES       // of the data RAM; the stub sets them too
    orr     x1, x1, x2
    msr     L2CTLR_EL1, x1
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
    // Erratum 859971, Cortex-A72 up to r0p3: no prefetch of instructions. Before the MMU, on every core. Where a monitor has set it (TF-A) it
    // may have forbidden the write; the firmware's stub allows it.
    mrs     x1, midr_el1
    ldr     w2, =MIDR_A72_R0P0
    sub     w1, w1, w2
    cmp     w1, #3
    b.hi    2f
    mrs     x1, CPUACTLR_EL1
    tbnz    x1, #CPUACTLR_DIS_INSTR_PREFETCH, 2f
    orr     x1, x1, #(1 << CPUACTLR_DIS_INSTR_PREFETCH)
    msr     CPUACTLR_EL1, x1
    isb
2:
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
    add     x3, x3, x19, lsl #6         // a line each
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
    msr     spsel, #1
    sub     x6, x5, #CORE_STACK_SIZE / 2
    mov     sp, x6                      // the lower half for exceptions
    msr     spsel, #0
    mov     sp, x5
    bl      enable_mmu
    str     xzr, [x3]                   // taken: only now, for past the cache the giver's line would come back over it
    ldr     x1, =apus_vectors
    msr     vbar_el1, x1
    isb
    mov     x0, x19
    mov     x29, xzr
    mov     x30, xzr
    blr     x4
    b       park

// A line for each core, in the image: cores that a loader starts all at once look here before anybody has cleared .bss.
    .section .data.apus_core_work, "aw"
    .balign 64
    .global apus_core_work
apus_core_work:
    .space  4 * 64
#endif
