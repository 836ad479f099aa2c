import ApusKit

/// A program that takes the place of firmware which starts the image at EL1: it enters at EL3, gives EL1 what it
/// needs, and jumps to 0x80000 there.
enum ExceptionLevelStub {
    /// Where the stub lies, clear of the image and of QEMU's own boot code.
    static let address: UInt64 = 0x0700_0000

    private static let source = """
            mrs     x0, mpidr_el1
            tst     x0, #3
            b.ne    park
            mov     x0, #0x531              // SCR_EL3: NS, HCE, RW and the bits that are always set
            msr     scr_el3, x0
            msr     cptr_el3, xzr
            mov     x0, #0x80000000         // HCR_EL2.RW: EL1 is AArch64
            msr     hcr_el2, x0
            mov     x0, #0x33ff             // CPTR_EL2: floating point is not trapped
            msr     cptr_el2, x0
            mov     x0, #3                  // CNTHCTL_EL2: EL1 may use the physical timer
            msr     cnthctl_el2, x0
            msr     cntvoff_el2, xzr
            ldr     x0, =0x30d00800         // SCTLR_EL1: MMU and caches off
            msr     sctlr_el1, x0
            // What the board's stub does too: every interrupt into Group 1, all priorities let through.
            ldr     x1, =0xff841000         // GICD
            mov     w0, #3
            str     w0, [x1]
            mov     w2, #-1
            add     x3, x1, #0x80
            mov     w4, #8
        1:  str     w2, [x3], #4
            subs    w4, w4, #1
            b.ne    1b
            ldr     x1, =0xff842000         // GICC
            mov     w0, #0x1e7
            str     w0, [x1]
            mov     w0, #0xff
            str     w0, [x1, #4]
            mov     x0, #0x3c5              // EL1h, everything masked
            msr     spsr_el3, x0
            mov     x0, #0x80000
            msr     elr_el3, x0
            mov     x0, xzr
            eret
        park:
            wfe
            b       park

        """

    /// Assembles the stub into `directory` and returns its path.
    static func assemble(in directory: String, toolchain: Toolchain) throws -> String {
        let (object, binary) = (directory + "/stub.o", directory + "/stub.bin")
        try Files.write(source, to: directory + "/stub.S")
        try Command(
            toolchain.tool("clang"), ["--target=\(Toolchain.triple)", "-c", directory + "/stub.S", "-o", object]
        )
        .check()
        try Command(toolchain.tool("llvm-objcopy"), ["-O", "binary", object, binary]).check()
        return binary
    }
}
