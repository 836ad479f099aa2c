/// What TCP needs of a header: no ports, no checksum, no octets.
@frozen
public struct SegmentHeader: Equatable, Sendable {
    /// SEG.SEQ: the first octet of the segment.
    public var sequence: SequenceNumber
    /// SEG.ACK: the next octet expected; counts only with `.ack`.
    public var acknowledgement: SequenceNumber
    /// The control bits.
    public var flags: TCPFlags
    /// SEG.WND as it stands in the header, not scaled.
    public var window: UInt16
    /// The options.
    public var options: TCPOptions

    /// A header of these fields.
    public init(
        sequence: SequenceNumber, acknowledgement: SequenceNumber = SequenceNumber(0), flags: TCPFlags,
        window: UInt16 = 0, options: TCPOptions = TCPOptions()
    ) {
        self.sequence = sequence
        self.acknowledgement = acknowledgement
        self.flags = flags
        self.window = window
        self.options = options
    }

    /// SEG.LEN of this header with `payload` octets: SYN and FIN count one each (RFC 9293, section 3.4).
    @inlinable
    public func length(payload: Int) -> Int {
        payload + (flags.contains(.syn) ? 1 : 0) + (flags.contains(.fin) ? 1 : 0)
    }
}
