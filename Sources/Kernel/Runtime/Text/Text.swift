/// Text for a person, put together from constants, numbers and other text: `"up \(seconds: now), idle \(idle, percentOf: now)"`.
///
/// Bytes of UTF-8 and no `String`: each piece costs a call, where a string's interpolation is unfolded to a few hundred bytes of
/// code, which a program that talks much would notice.
public struct Text: ExpressibleByStringInterpolation, Sendable {
    /// The bytes of the text.
    public var bytes: [UInt8] = []

    /// An empty text.
    public init() {}

    /// The text `bytes`.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The constant `literal`.
    public init(stringLiteral literal: StaticString) { put(literal) }

    /// What `interpolation` has gathered.
    public init(stringInterpolation interpolation: Interpolation) { bytes = interpolation.text.bytes }

    /// Number of characters, for columns; marks that combine count as well.
    public var characterCount: Int { bytes.reduce(0) { $1 & 0xc0 == 0x80 ? $0 : $0 + 1 } }

    /// Appends `other`.
    @inline(never)
    public mutating func append(_ other: Text) {
        for byte in other.bytes { bytes.append(byte) }
    }

    /// Appends `other` with blanks behind it up to `width` characters.
    @inline(never)
    public mutating func append(_ other: Text, left width: Int) {
        append(other)
        fill(width - other.characterCount)
    }

    /// Appends `other` with blanks before it up to `width` characters.
    @inline(never)
    public mutating func append(_ other: Text, right width: Int) {
        fill(width - other.characterCount)
        append(other)
    }

    private mutating func fill(_ count: Int) {
        for _ in 0..<max(0, count) { bytes.append(0x20) }
    }
}

extension Text: TextSink {
    /// Appends one byte of UTF-8.
    public mutating func put(_ byte: UInt8) { bytes.append(byte) }

    /// Appends constant text.
    @inline(never)
    public mutating func put(_ text: StaticString) {
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
