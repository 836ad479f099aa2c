/// A command to a disk and the data that goes with it. SBC-3, SPC-4: numbers are big-endian.
struct SCSICommand {
    /// The command itself, 6 to 16 bytes.
    var bytes: [UInt8]
    /// Bytes of data at most.
    var count = 0
    /// Whether the data comes from the disk.
    var isIn = true
    /// Less data than that is none.
    var least = 0
    /// Whether every disk has as much as that to answer.
    var hasKnownLength = false

    static var testUnitReady: SCSICommand { SCSICommand(bytes: [0x00, 0, 0, 0, 0, 0]) }
    /// START STOP UNIT: starts. SBC-3, 5.24.
    static var start: SCSICommand { SCSICommand(bytes: [0x1B, 0, 0, 0, 1, 0]) }
    static var requestSense: SCSICommand { SCSICommand(bytes: [0x03, 0, 0, 0, 18, 0], count: 18) }
    static var inquiry: SCSICommand {
        SCSICommand(bytes: [0x12, 0, 0, 0, 36, 0], count: 36, least: 5, hasKnownLength: true)
    }
    /// Every page; the header tells of write protection.
    static var modeSense: SCSICommand { SCSICommand(bytes: [0x1A, 0, 0x3F, 0, 192, 0], count: 192) }
    static var readCapacity: SCSICommand {
        SCSICommand(
            bytes: [0x25] + [UInt8](repeating: 0, count: 9), count: 8, least: 8, hasKnownLength: true)
    }
    static var readCapacity16: SCSICommand {
        SCSICommand(bytes: [0x9E, 0x10] + [UInt8](repeating: 0, count: 11) + [32, 0, 0], count: 32, least: 12)
    }
    static var synchronizeCache: SCSICommand { SCSICommand(bytes: [0x35] + [UInt8](repeating: 0, count: 9)) }

    static func read(_ first: UInt64, _ blocks: Int, _ count: Int) -> SCSICommand {
        SCSICommand(bytes: transfer(0x28, 0x88, first, blocks), count: count, least: count)
    }

    static func write(_ first: UInt64, _ blocks: Int, _ count: Int) -> SCSICommand {
        SCSICommand(bytes: transfer(0x2A, 0x8A, first, blocks), count: count, isIn: false, least: count)
    }

    /// The form with 32 bits for the block where that is enough, else the one with 64.
    private static func transfer(_ short: UInt8, _ long: UInt8, _ first: UInt64, _ blocks: Int) -> [UInt8] {
        let isShort = first + UInt64(blocks) <= UInt64(UInt32.max)
        var bytes = [UInt8](repeating: 0, count: isShort ? 10 : 16)
        bytes[0] = isShort ? short : long
        put(first, at: 2..<(isShort ? 6 : 10), of: &bytes)
        put(UInt64(blocks), at: isShort ? 7..<9 : 10..<14, of: &bytes)
        return bytes
    }

    private static func put(_ value: UInt64, at range: Range<Int>, of bytes: inout [UInt8]) {
        for index in range {
            bytes[index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * (range.upperBound - 1 - index)))
        }
    }
}
