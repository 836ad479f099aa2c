/// A response of 136 bits as the controller keeps it: the card's bits 127 to 8, moved down by eight. Erratum of the family, and the
/// standard's wish: the CRC byte is gone. Bits are asked for by the numbers the card's specification gives them.
struct LongResponse: Equatable, Sendable {
    /// RESP0 to RESP3.
    var words: [4 of UInt32]

    init(_ words: [4 of UInt32]) { self.words = words }

    /// The field in the card's `bits`, at most 32 of them, none below 8.
    subscript(bits: ClosedRange<Int>) -> UInt32 {
        precondition(bits.lowerBound >= 8 && bits.upperBound < 128 && bits.count <= 32, "LongResponse: no such field")
        let first = bits.lowerBound - 8
        let low = UInt64(words[first / 32])
        let high = first / 32 < 3 ? UInt64(words[first / 32 + 1]) : 0
        return UInt32(truncatingIfNeeded: (high << 32 | low) >> UInt64(first % 32) & (1 << UInt64(bits.count) - 1))
    }

    /// The register that was sent, bits 31 to 0 first, with zeros where its checksum would be.
    var register: [4 of UInt32] {
        [
            words[0] << 8, words[1] << 8 | words[0] >> 24, words[2] << 8 | words[1] >> 24,
            words[3] << 8 | words[2] >> 24,
        ]
    }

    static func == (left: LongResponse, right: LongResponse) -> Bool {
        for index in 0..<4 where left.words[index] != right.words[index] { return false }
        return true
    }
}
