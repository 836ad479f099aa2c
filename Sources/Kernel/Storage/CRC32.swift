/// The cyclic redundancy check of IEEE 802.3, reflected, polynomial 0xEDB88320: what UEFI uses for a GPT
/// (UEFI 2.10, section 4.2.1).
///
/// Works on four bits at a time: sixteen table entries, a sixteenth of the usual table, for a few kilobytes read once.
struct CRC32 {
    private var state: UInt32 = 0xFFFF_FFFF

    /// The checksum of what was fed so far.
    var value: UInt32 { ~state }

    private static let table: [16 of UInt32] = [
        0x0000_0000, 0x1DB7_1064, 0x3B6E_20C8, 0x26D9_30AC, 0x76DC_4190, 0x6B6B_51F4, 0x4DB2_6158, 0x5005_713C,
        0xEDB8_8320, 0xF00F_9344, 0xD6D6_A3E8, 0xCB61_B38C, 0x9B64_C2B0, 0x86D3_D2D4, 0xA00A_E278, 0xBDBD_F21C,
    ]

    /// Takes in one byte.
    mutating func update(_ byte: UInt8) {
        state ^= UInt32(byte)
        state = state >> 4 ^ Self.table[Int(state & 15)]
        state = state >> 4 ^ Self.table[Int(state & 15)]
    }

    /// Takes in the bytes of `bytes` in `range`.
    mutating func update(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        for index in range { update(bytes[index]) }
    }
}
