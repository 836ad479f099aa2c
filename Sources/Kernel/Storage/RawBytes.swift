extension Array where Element == UInt8 {
    /// Hands out the array's bytes to be written, for the time of the call.
    ///
    /// Invariant behind the `unsafe`: every pattern of bits is a `UInt8`, so whatever is stored leaves valid elements.
    mutating func withMutableRawSpan<E: Error, Result>(
        _ body: (inout MutableRawSpan) throws(E) -> Result
    ) throws(E) -> Result {
        var elements = mutableSpan
        var bytes = unsafe elements.mutableBytes
        return try body(&bytes)
    }
}

extension InlineArray where Element == UInt8 {
    /// Hands out the array's bytes to be written, for the time of the call. Same invariant.
    mutating func withMutableRawSpan<E: Error, Result>(
        _ body: (inout MutableRawSpan) throws(E) -> Result
    ) throws(E) -> Result {
        var elements = mutableSpan
        var bytes = unsafe elements.mutableBytes
        return try body(&bytes)
    }
}
