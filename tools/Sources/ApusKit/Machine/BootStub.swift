/// The 64-bit program that the board's firmware puts at address 0 and starts all processors with, at EL3. It hands the timer and the
/// interrupts to the non-secure side and goes on at EL2: core 0 with the image, the others with waiting in the spin table.
///
/// Written from what the firmware's own stub is documented and measured to do (raspberrypi/tools, armstub8; docs/HARDWARE.md).
package struct BootStub: Equatable, Sendable {
    /// Bytes from address 0 on that the stub has for itself.
    package static let size = 0x200
    /// Where the firmware writes the address of the device tree, and that of the image.
    private static let treeSlot = 0xF8
    private static let imageSlot = 0xFC
    /// Where the firmware looks for the magic number, and clears it: the last core's slot of the spin table.
    private static let magicSlot = 0xF0
    private static let magic: UInt32 = 0x5AFE_570B

    /// Where a device tree is put, near where the firmware does.
    package static let treeAddress: UInt32 = 0x2EFF_0000
    /// Where the firmware puts an image that says so in its header.
    package static let imageAddress: UInt32 = 0x8_0000

    private let code: [UInt8]

    /// A stub of this machine code.
    package init(code: [UInt8]) { self.code = code }

    /// Assembles our stub with files in `directory`.
    ///
    /// - Parameter handsOverInterrupts: whether it does what the firmware's does when `enable_gic` is set. Otherwise every interrupt stays in
    ///   the secure group, and none reaches the image.
    package static func assemble(
        in directory: String, toolchain: Toolchain, handsOverInterrupts: Bool = true
    ) throws -> BootStub {
        let name = directory + "/stub" + (handsOverInterrupts ? "" : "-without-interrupts")
        try Files.write(source, to: name + ".S")
        let gic = "-DHANDS_OVER_INTERRUPTS=\(handsOverInterrupts ? 1 : 0)"
        try Command(
            toolchain.tool("clang"), ["--target=\(Toolchain.triple)", gic, "-c", name + ".S", "-o", name + ".o"]
        )
        .check()
        try Command(toolchain.tool("llvm-objcopy"), ["-O", "binary", name + ".o", name + ".bin"]).check()
        return BootStub(code: try Files.read(name + ".bin"))
    }

    /// The stub inside the firmware's `start4.elf` that it uses on this chip: the one whose local peripherals lie below 4 GiB, with the
    /// part about the GIC. Nil when there is none.
    package init?(firmware: [UInt8]) {
        func word(_ offset: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(firmware[offset + $1]) << UInt32(8 * $1) }
        }
        func holds(_ value: UInt32, _ range: Range<Int>) -> Bool {
            stride(from: range.lowerBound, to: range.upperBound, by: 4).contains { word($0) == value }
        }
        // The stubs are aligned to words in the file.
        for start in stride(from: 0, to: firmware.count - Self.size, by: 4)
        where word(start + Self.magicSlot) == Self.magic {
            let isOurs = holds(0xFF80_0000, start..<(start + 0xD8)) && holds(0xFF84_1000, start..<(start + Self.size))
            if isOurs {
                code = Array(firmware[start..<(start + Self.size)])
                return
            }
        }
        return nil
    }

    /// The stub with the firmware's words in it.
    ///
    /// - Parameters:
    ///   - tree: what the image finds in x0; 0 for no device tree.
    ///   - image: where the image is.
    package func memory(tree: UInt32, image: UInt32) -> [UInt8] {
        var memory = code + [UInt8](repeating: 0, count: max(0, Self.size - code.count))
        for (slot, value) in [
            (Self.magicSlot, 0), (Self.magicSlot + 4, 0), (Self.treeSlot, tree), (Self.imageSlot, image),
        ] {
            for byte in 0..<4 { memory[slot + byte] = UInt8(truncatingIfNeeded: value >> UInt32(8 * byte)) }
        }
        return memory
    }
}
