import Glibc

/// What streams consist of in these tests: bytes that show when some are missing, doubled, or in another place.
///
/// They repeat after a prime number of bytes, which no segment, window or buffer is a multiple of.
public struct Pattern: Sendable {
    /// Bytes until they repeat, and the longest piece.
    public static let period = 65521
    // Two periods, so that every piece lies in one.
    private let table: [UInt8]

    /// The pattern; always the same.
    public init() {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        let once = (0..<Self.period).map { _ -> UInt8 in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state >> 24)
        }
        table = once + once
    }

    /// Lends the `count` bytes at `offset` of the stream, at most a period.
    public func withBytes<R>(at offset: Int, count: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        precondition(count <= Self.period, "a piece of the pattern is at most a period long")
        let start = offset % Self.period
        return table.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<start + count])) }
    }

    /// How many of `bytes` are not those at `offset` of the stream.
    public func wrongCount(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
        var (done, wrong) = (0, 0)
        while done < bytes.count {
            let count = min(bytes.count - done, Self.period)
            let piece = UnsafeRawBufferPointer(rebasing: bytes[done..<done + count])
            wrong += withBytes(at: offset + done, count: count) { expected in
                if memcmp(piece.baseAddress!, expected.baseAddress!, count) == 0 { return 0 }
                return zip(piece, expected).count { $0 != $1 }
            }
            done += count
        }
        return wrong
    }
}
