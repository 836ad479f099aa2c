/// The code that the firmware puts at address 0 for the ARM's cores, as it lies in a `start4.elf`.
///
/// It is found by its own marks: the magic number that each stub has at 0xF0, 64-bit code, and the address of the BCM2711's
/// local peripherals as they are seen without "high peripherals". It is 0x200 bytes long; the routine that gives all
/// interrupts to the non-secure world begins at 0x100.
public enum BuiltInStub {
    /// Bytes of the stub as the firmware's table of stubs says.
    public static let size = 0x200
    /// Where it jumps to before it leaves EL3.
    static let continuation = 0x100

    private static let magic: [UInt8] = [0x0b, 0x57, 0xfe, 0x5a]
    private static let firstInstruction: [UInt8] = [0x40, 0x05, 0x00, 0x58]
    private static let localPeripherals: [UInt8] = [0x00, 0x00, 0x80, 0xff, 0, 0, 0, 0]

    /// The stub that a board with a BCM2711 starts 64-bit code by; nil if `firmware` holds none.
    public static func find(in firmware: [UInt8]) -> [UInt8]? {
        guard firmware.count >= size else { return nil }
        for start in stride(from: 0, through: firmware.count - size, by: 4) where firmware[start + 0xf0] == magic[0] {
            if firmware[start + 0xf0..<start + 0xf4].elementsEqual(magic),
                firmware[start..<start + 4].elementsEqual(firstInstruction),
                firmware[start + 0xa8..<start + 0xb0].elementsEqual(localPeripherals)
            {
                return Array(firmware[start..<start + size])
            }
        }
        return nil
    }
}
