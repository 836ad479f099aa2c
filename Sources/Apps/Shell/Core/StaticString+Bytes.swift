extension StaticString {
    /// The bytes of the text.
    public var bytes: [UInt8] { unsafe Array(UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)) }

    /// Whether the text has the bytes `other`. (`==` of `String` would link the Unicode tables.)
    public func equals(_ other: [UInt8]) -> Bool {
        guard utf8CodeUnitCount == other.count else { return false }
        for index in other.indices where unsafe utf8Start[index] != other[index] { return false }
        return true
    }
}
