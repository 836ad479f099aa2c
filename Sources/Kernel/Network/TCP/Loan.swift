/// Octets of a stream that stay in their owner's memory until they are acknowledged.
///
/// Invariant, on which each `unsafe` here rests: `base` is the start of `count` initialised bytes that the lender neither
/// changes nor frees while the loan lasts, as the contract of `TransmissionControlBlock.lend` asks.
@safe
struct Loan {
    private let base: UnsafeRawPointer
    /// The number of the first octet.
    let start: SequenceNumber
    /// How many there are.
    let count: Int

    /// The octets of `bytes`, of which the first has the number `start`; nil when there are none.
    init?(_ bytes: UnsafeRawBufferPointer, at start: SequenceNumber) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return nil }
        unsafe self.base = unsafe base
        self.start = start
        count = bytes.count
    }

    /// The number behind the last octet.
    var end: SequenceNumber { start + count }

    /// Shows `length` octets from `number` on, for the time of the call.
    func with<R>(_ number: SequenceNumber, _ length: Int, _ body: (RawSpan) -> R) -> R {
        let offset = number - start
        precondition(offset >= 0 && length >= 0 && length <= count - offset, "Loan: octets outside of it")
        return body(unsafe RawSpan(_unsafeStart: base + offset, byteCount: length))
    }
}
