/// Numbers in bytes that may be anything: nil where they would lie beyond the end.
extension Array where Element == UInt8 {
    func little16(_ offset: Int) -> Int? { number(at: offset, bytes: 2) { 8 * $0 } }
    func little32(_ offset: Int) -> Int? { number(at: offset, bytes: 4) { 8 * $0 } }
    func little64(_ offset: Int) -> UInt64? {
        guard let low = little32(offset), let high = little32(offset + 4) else { return nil }
        return UInt64(high) << 32 | UInt64(low)
    }
    func big32(_ offset: Int) -> Int? { number(at: offset, bytes: 4) { 24 - 8 * $0 } }

    /// The bytes of a range, or nil if it leaves the array.
    func slice(_ offset: Int, _ length: Int) -> [UInt8]? {
        guard offset >= 0, length >= 0, offset <= count, length <= count - offset else { return nil }
        return Array(self[offset..<offset + length])
    }

    mutating func put32(_ value: UInt32, at offset: Int) {
        for index in 0..<4 { self[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index)) }
    }

    mutating func appendBig32(_ value: Int) {
        for shift in [24, 16, 8, 0] { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func appendLittle32(_ value: UInt32) {
        for shift: UInt32 in [0, 8, 16, 24] { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    private func number(at offset: Int, bytes: Int, shift: (Int) -> Int) -> Int? {
        guard offset >= 0, offset <= count - bytes else { return nil }
        return (0..<bytes).reduce(0) { $0 | Int(self[offset + $1]) << shift($1) }
    }
}
