extension StaticString {
    /// The text's bytes, to look for them without the code that takes strings apart, which is large: a tree is read by every image.
    var octets: UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount) }
}
