/// CRC-32C (Castagnoli, reflected, polynomial 0x82F63B78; RFC 3720, appendix B.4), a byte at a time.
struct Checksum {
    private let table: [UInt32]

    /// Works out the table of 1 KiB.
    init() {
        table = (0..<256).map { index in
            var value = UInt32(index)
            for _ in 0..<8 { value = value >> 1 ^ (0x82F6_3B78 & (0 &- (value & 1))) }
            return value
        }
    }

    /// The checksum of the bytes of `bytes` in `range`.
    func callAsFunction(_ bytes: [UInt8], _ range: Range<Int>) -> UInt32 {
        precondition(range.upperBound <= bytes.count, "Checksum: past the end")
        var state: UInt32 = 0xFFFF_FFFF
        for index in range { state = state >> 8 ^ table[Int(UInt8(truncatingIfNeeded: state) ^ bytes[index])] }
        return ~state
    }
}

/// Little-endian numbers in an array of bytes. One past its end traps.
extension [UInt8] {
    func number16(_ offset: Int) -> UInt16 { UInt16(self[offset]) | UInt16(self[offset + 1]) << 8 }

    func number32(_ offset: Int) -> UInt32 { UInt32(number16(offset)) | UInt32(number16(offset + 2)) << 16 }

    func number64(_ offset: Int) -> UInt64 { UInt64(number32(offset)) | UInt64(number32(offset + 4)) << 32 }

    /// Writes the `width` low bytes of `value`.
    mutating func set(_ value: UInt64, at offset: Int, width: Int) {
        for place in 0..<width { self[offset + place] = UInt8(truncatingIfNeeded: value >> UInt64(8 * place)) }
    }

    mutating func set(_ value: UInt32, at offset: Int) { set(UInt64(value), at: offset, width: 4) }
}
