/// The cyclic redundancy check of IEEE 802.3, reflected, polynomial 0xEDB88320: what UEFI uses for a GPT
/// (UEFI 2.10, section 4.2.1).
///
/// Works bit by bit: without a table it takes a hundred bytes, and what it is for are some kilobytes, read once.
struct CRC32 {
    private var state: UInt32 = 0xFFFF_FFFF

    /// The checksum of what was fed so far.
    var value: UInt32 { ~state }

    /// Takes in one byte.
    mutating func update(_ byte: UInt8) {
        state ^= UInt32(byte)
        for _ in 0..<8 { state = state >> 1 ^ (0xEDB8_8320 & (0 &- (state & 1))) }
    }

    /// Takes in the bytes of `bytes` in `range`.
    mutating func update(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        for index in range { update(bytes[index]) }
    }
}
