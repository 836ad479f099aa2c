import Foundation

/// What the board's firmware leaves in memory when it lets the processors go: its stub at address 0, the image, a device tree, and
/// elsewhere whatever was there before.
package struct HandOver: Equatable, Sendable {
    /// The stub.
    package var stub: BootStub
    /// The image, as raw bytes.
    package var image: String
    /// Where the image is.
    package var imageAddress = BootStub.imageAddress
    /// What the stub says about where a device tree is; 0 for none. The machine's tree is put there if it has one.
    package var treeAddress = BootStub.treeAddress
    /// Whether the memory behind the image, and where its heap begins, holds other bytes than zeros: nobody clears a board's memory.
    package var fillsMemory = true
    /// Where the machine finds all of it: one ELF file, which lasts as long as the machine.
    package let file = NSTemporaryDirectory() + "/hand-over-" + ProcessInfo.processInfo.globallyUniqueString

    /// This image, started by this stub.
    package init(stub: BootStub, image: String) {
        self.stub = stub
        self.image = image
    }

    /// The memory that an image keeps over a reset (`.retained` in linker/kernel8.ld), up to where its heap begins.
    private static let retained = (start: 0x1F_8000, end: 0x20_0000)

    /// Writes the file, with the tree `deviceTree`.
    package func write(deviceTree: String?) throws {
        let image = try Files.read(image)
        var parts = [
            (UInt32(0), stub.memory(tree: treeAddress, image: imageAddress)), (imageAddress, image),
        ]
        if let deviceTree, treeAddress != 0 { parts.append((treeAddress, try Files.read(deviceTree))) }
        if fillsMemory {
            let end = (Int(imageAddress) + image.count + 4095) & ~4095
            parts.append((UInt32(end), Self.noise(Self.retained.start - end)))
            parts.append((UInt32(Self.retained.end), Self.noise(0x1_0000)))
        }
        try Files.write(Self.executable(parts), to: file)
    }

    private static func noise(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: max(count, 0)) { buffer, length in
            for index in 0..<max(count, 0) { buffer[index] = UInt8(truncatingIfNeeded: index) | 0x81 }
            length = max(count, 0)
        }
    }

    /// QEMU's arguments for this. The board's interrupt controller knows secure and non-secure interrupts; a released QEMU's does not
    /// unless it is told to.
    var arguments: [String] { ["-global", "arm_gic.has-security-extensions=on", "-kernel", file] }

    // MARK: - ELF

    /// A statically linked program that is `parts` of memory, and begins at address 0: an emulator starts it at EL3 on every core at once.
    private static func executable(_ parts: [(address: UInt32, bytes: [UInt8])]) -> [UInt8] {
        func bytes<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
            withUnsafeBytes(of: value.littleEndian) { Array($0) }
        }
        let (headerSize, entrySize) = (64, 56)
        var file: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
        // e_type EXEC, e_machine AArch64; then e_version, e_entry, e_phoff, e_shoff, e_flags.
        file += bytes(UInt16(2)) + bytes(UInt16(183)) + bytes(UInt32(1))
        file += bytes(UInt64(0)) + bytes(UInt64(headerSize)) + bytes(UInt64(0)) + bytes(UInt32(0))
        // e_ehsize, e_phentsize, e_phnum, and no sections.
        for value in [headerSize, entrySize, parts.count, 0, 0, 0] { file += bytes(UInt16(value)) }
        var offset = headerSize + entrySize * parts.count
        for part in parts {
            // PT_LOAD, readable, writable, executable: offset, addresses, sizes, alignment.
            file += bytes(UInt32(1)) + bytes(UInt32(7))
            let address = Int(part.address)
            for value in [offset, address, address, part.bytes.count, part.bytes.count, 1] {
                file += bytes(UInt64(value))
            }
            offset += part.bytes.count
        }
        return parts.reduce(into: file) { $0 += $1.bytes }
    }
}
