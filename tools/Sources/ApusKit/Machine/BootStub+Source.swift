extension BootStub {
    /// What `assemble` assembles. Registers that a reset leaves unknown are not left at the zeros that an emulator has in them.
    static let source = """
        // On every core, at EL3, from address 0.
        start:
            mov     x9, #0xff800000         // ARM-local block:
            mov     w10, #0x80000000
            str     wzr, [x9]               // the counter counts the crystal's ticks, by ones,
            str     w10, [x9, #8]           // and divides by one
            mrs     x10, S3_1_C11_C0_2      // L2CTLR_EL1: latencies of the data RAM
            mov     x11, #0x22
            orr     x10, x10, x11
            msr     S3_1_C11_C0_2, x10
            mov     x10, #0xf980            // 54 MHz
            movk    x10, #0x337, lsl #16
            msr     cntfrq_el0, x10
            msr     cntvoff_el2, xzr
            mov     x10, #0x33ff
            msr     cptr_el3, x10
            mov     x10, #0x5b1             // RW, HCE, SMD, NS and what is always set: there is no monitor to call
            msr     scr_el3, x10
            mov     x10, #0x73
            msr     actlr_el3, x10
            mov     x10, #0x40              // CPUECTLR_EL1.SMPEN
            msr     S3_1_C15_C2_1, x10
            bl      hand_over
            mov     x10, #0x0830            // SCTLR_EL2: MMU and caches off
            movk    x10, #0x30c5, lsl #16
            msr     sctlr_el2, x10
            mov     x10, #0x3c9             // EL2h, everything masked
            msr     spsr_el3, x10
            adr     x10, at_el2
            msr     elr_el3, x10
            eret
        at_el2:
            mrs     x6, mpidr_el1
            ands    x6, x6, #3
            mov     x1, xzr
            mov     x2, xzr
            mov     x3, xzr
            b.ne    secondary
            ldr     w0, tree
            ldr     w4, image
            br      x4
        secondary:
            adr     x5, slots
        wait:
            wfe
            ldr     x4, [x5, x6, lsl #3]
            cbz     x4, wait
            mov     x0, xzr
            br      x4

            .org    0xd8
        slots:
            .quad   0, 0, 0
            .word   0x5afe570b, 0           // becomes the slot of core 3
        tree:
            .word   0
        image:
            .word   0

        // The interrupts of this core, and all shared ones, to the non-secure group.
        hand_over:
        #if HANDS_OVER_INTERRUPTS
            mov     x9, #0xff840000
            add     x9, x9, #0x1000         // GICD
            mrs     x10, mpidr_el1
            ands    x10, x10, #3
            b.eq    1f                      // core 0 leaves the distributor as it is
            mov     w10, #3
            str     w10, [x9]
        1:  add     x11, x9, #0x1000        // GICC
            mov     w10, #0x1e7
            str     w10, [x11]
            mov     w10, #0xff
            str     w10, [x11, #4]
            mov     w10, #-1
            mov     x11, #0x80              // IGROUPR0 to 7
        2:  str     w10, [x9, x11]
            add     x11, x11, #4
            cmp     x11, #0xa0
            b.ne    2b
        #endif
            // What no reset sets.
            mov     x10, #0x6666666666666666
            mov     x7, x10
            mov     x8, x10
            mov     x12, x10
            mov     x13, x10
            mov     x18, x10
            mov     x28, x10
            mov     x29, x10
            msr     vbar_el1, x10
            msr     ttbr0_el1, x10
            msr     ttbr1_el1, x10
            msr     tcr_el1, x10
            msr     mair_el1, x10
            msr     elr_el1, x10
            msr     elr_el2, x10
            msr     vttbr_el2, x10
            msr     tpidr_el1, x10
            msr     sp_el0, x10
            msr     sp_el1, x10
            msr     hstr_el2, x10
            msr     cntp_cval_el0, xzr      // a timer that is due
            mov     x10, #1
            msr     cntp_ctl_el0, x10
            ret

        """
}
