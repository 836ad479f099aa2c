import Interfaces

// Sending without a copy: octets that stay in the application's memory until they are acknowledged.
extension TransmissionControlBlock {
    /// Continues the stream with `bytes`, which are not copied: they lie before what is written later. At most 2^30 octets and
    /// one loan at a time. Says how many octets were taken. Throws what `write` throws.
    ///
    /// The caller promises that the memory stays as it is until `loanRemaining` is zero, or `endLoan` was called, or the
    /// connection is closed; `.writable` tells when to look.
    @safe
    public mutating func lend(_ bytes: UnsafeRawBufferPointer) throws(TCPError) -> Int {
        try checkWritable()
        precondition(loanRemaining == 0, "TransmissionControlBlock: one loan at a time")
        let taken = min(bytes.count, 1 << 30)
        unsafe send.buffer.lend(UnsafeRawBufferPointer(rebasing: bytes[0..<taken]))
        return taken
    }

    /// Octets of the loan that the other end has not acknowledged: as long as there are any, the memory is lent.
    @inline(__always)
    public var loanRemaining: Int { send.buffer.loanRemaining }

    /// Ends the loan now: the memory is the caller's again. What is not acknowledged is copied into the send buffer; where it
    /// does not fit, the connection is aborted, and the answer is false.
    @discardableResult
    public mutating func endLoan() -> Bool {
        if send.buffer.endLoan() { return true }
        abort()
        return false
    }
}
