/// A segment to be sent. Its payload still lies in the connection: fetch it with `TransmissionControlBlock.copyPayload(of:into:)` before
/// any other call changes the connection.
@frozen
public struct OutgoingSegment: Sendable {
    /// The header to write.
    public var header: SegmentHeader
    /// Octets of payload.
    public var payloadCount: Int

    /// The header alone, or in front of `payloadCount` octets.
    public init(header: SegmentHeader, payloadCount: Int = 0) {
        self.header = header
        self.payloadCount = payloadCount
    }
}
