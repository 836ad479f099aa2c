import Interfaces

/// Writes the answers of ICMP: echo replies, and errors about packets that came (RFC 792, RFC 1122 section 3.2.2).
public struct ICMPResponder: Sendable {
    /// An error quotes as much of the packet as fits this many bytes in all (RFC 1812 section 4.3.2.3).
    public static var maximumErrorSize: Int { 576 }

    /// How many errors were not sent for their rate.
    public private(set) var suppressed: UInt64 = 0
    private var errors: RateLimit
    private var echoes: RateLimit

    /// Answers at these rates at most.
    public init(
        errors: RateLimit = RateLimit(perSecond: 100, burst: 20),
        echoes: RateLimit = RateLimit(perSecond: 10000, burst: 1000)
    ) {
        self.errors = errors
        self.echoes = echoes
    }

    /// Whether an error may be sent about the packet under `header` (RFC 1122 section 3.2.2): not about an ICMP error, nor a fragment but the
    /// first, nor what was for many, nor what has no single sender.
    /// - Parameters:
    ///   - payload: the packet's payload, as far as it is there.
    ///   - isBroadcast: the packet came, or its frame came, as a broadcast or to a group.
    public static func mayReport(_ header: IPv4Header, _ payload: RawSpan, isBroadcast: Bool) -> Bool {
        guard !isBroadcast, header.fragmentOffset == 0, header.source.isUnicast, !header.source.isLoopback,
            !header.destination.isMulticast, !header.destination.isLimitedBroadcast
        else { return false }
        guard header.payloadProtocol == .icmp else { return true }
        guard payload.byteCount > 0 else { return false }
        return !ICMPv4Message.isError(type: payload.byte(0))
    }

    /// The size of the error about the packet under `header`, IP header included; nil when none is to be sent, for the rules or for the
    /// rate. Follow it with `emitError`.
    public mutating func errorSize(
        about header: IPv4Header, _ payload: RawSpan, isBroadcast: Bool, now: Instant
    ) -> Int? {
        guard Self.mayReport(header, payload, isBroadcast: isBroadcast) else { return nil }
        guard errors.take(now: now) else {
            suppressed += 1
            return nil
        }
        let front = 2 * IPv4Header.length + ICMPv4Message.length
        return front + min(payload.byteCount, Self.maximumErrorSize - front)
    }

    /// The size of the answer to the echo request `request`, which is the whole payload under `header`, IP header included; nil when none
    /// is to be sent: to requests for many (RFC 1122 section 3.2.2.6 leaves that open), or for the rate.
    public mutating func echoSize(
        to header: IPv4Header, _ request: RawSpan, isBroadcast: Bool, now: Instant
    ) -> Int? {
        guard !isBroadcast, header.source.isUnicast, !header.destination.isMulticast,
            request.byteCount >= ICMPv4Message.length, request.byteCount <= 65515, echoes.take(now: now)
        else { return nil }
        return IPv4Header.length + request.byteCount
    }
}
