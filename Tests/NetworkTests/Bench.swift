import Interfaces

@testable import Network

/// Random numbers from a seed (SplitMix64): the same test every time.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: Int) { state = UInt64(seed) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in next(UInt8.self) } }

    mutating func next<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type) -> T { T(truncatingIfNeeded: next()) }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}

/// The bytes that `text` writes in hexadecimal; spaces do not count.
func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }.map { UInt8($0.hexDigitValue!) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// What `body` makes of `bytes`.
func read<T>(_ bytes: [UInt8], _ body: (RawSpan) throws(WireError) -> T) throws(WireError) -> T {
    try body(bytes.span.bytes)
}

/// The error of reading `bytes`; nil when there is none.
func failure<T>(_ bytes: [UInt8], _ body: (RawSpan) throws(WireError) -> T) -> WireError? {
    do throws(WireError) {
        _ = try read(bytes, body)
        return nil
    } catch {
        return error
    }
}

/// `bytes` after `body` wrote to them.
func written(_ bytes: [UInt8], _ body: (inout MutableRawSpan) -> Void) -> [UInt8] {
    var bytes = bytes
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    body(&raw)
    return bytes
}

/// `count` bytes that `body` wrote; what they were before must not matter.
func written(_ count: Int, _ body: (inout MutableRawSpan) -> Void) -> [UInt8] {
    written([UInt8](repeating: 0xA5, count: count), body)
}
