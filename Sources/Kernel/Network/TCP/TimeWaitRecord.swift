import Interfaces

/// What TIME-WAIT needs of a connection, in a few octets: enough to answer old segments, and to let a new connection of the
/// same ends begin before the time is over (RFC 9293, section 3.10.7.4; RFC 6191).
public struct TimeWaitRecord: Sendable {
    /// What is to be done with a segment.
    public enum Reaction: Sendable {
        /// Nothing.
        case drop
        /// Send this.
        case reply(SegmentHeader)
        /// Forget the record, and treat the segment as if it were for no connection; the initial sequence number of the new one
        /// must be this or later.
        case reopen(SequenceNumber)
        /// Forget the record: the other end has reset the connection.
        case end
    }

    /// When to forget the record.
    public private(set) var deadline: Instant
    private let duration: Interval
    private let sendNext: SequenceNumber
    private let receiveNext: SequenceNumber
    private let recentTimestamp: UInt32
    private let timestampOffset: UInt32
    private var answerSecond: UInt32 = 0
    private let window: UInt16
    private var answers: UInt8 = 0
    private let usesTimestamps: Bool

    fileprivate init(_ block: borrowing TransmissionControlBlock) {
        deadline = block.timers.wait
        duration = block.configuration.timeWait
        sendNext = block.send.next
        receiveNext = block.receiver.next
        recentTimestamp = block.receiver.recentTimestamp
        timestampOffset = block.configuration.timestampOffset
        usesTimestamps = block.usesTimestamps
        window = UInt16(min(block.receiver.window >> Int(block.receiver.shift), 65535))
    }

    /// What to do with `header`, in front of `payloadCount` octets.
    public mutating func receive(_ header: SegmentHeader, payloadCount: Int, now: Instant) -> Reaction {
        if header.flags.contains(.rst) { return header.sequence == receiveNext ? .end : .drop }
        if header.flags.isSuperset(of: .syn) {
            if !header.flags.contains(.ack), isNewConnection(header) { return .reopen(sendNext + 1) }
            return acknowledge(now)
        }
        guard header.flags.contains(.ack) else { return .drop }
        if header.flags.contains(.fin), isCurrent(header) { deadline = now + duration }
        // An acknowledgement that says nothing is not answered, so that two ends do not answer each other for ever.
        if header.length(payload: payloadCount) == 0, header.sequence == receiveNext { return .drop }
        return acknowledge(now)
    }

    /// What to do with a SYN that may open a new connection where nobody listens: as with any other SYN (RFC 5961, section 4.2).
    mutating func challenge(_ now: Instant) -> Reaction { acknowledge(now) }

    /// RFC 6191, section 2: a newer timestamp tells a new connection from an old segment, or else a higher number.
    private func isNewConnection(_ header: SegmentHeader) -> Bool {
        if usesTimestamps, let timestamps = header.options.timestamps, timestamps.value != recentTimestamp {
            return Int32(bitPattern: timestamps.value &- recentTimestamp) > 0
        }
        return header.sequence > receiveNext
    }

    /// Whether the timestamp is not from before the last (RFC 7323, section 5.3).
    private func isCurrent(_ header: SegmentHeader) -> Bool {
        guard usesTimestamps, let timestamps = header.options.timestamps else { return !usesTimestamps }
        return Int32(bitPattern: timestamps.value &- recentTimestamp) >= 0
    }

    /// Ten answers a second at most (RFC 5961, section 7).
    private mutating func acknowledge(_ now: Instant) -> Reaction {
        let second = UInt32(truncatingIfNeeded: now.nanoseconds / 1_000_000_000)
        if second != answerSecond { (answerSecond, answers) = (second, 0) }
        guard answers < 10 else { return .drop }
        answers += 1
        var answer = SegmentHeader(
            sequence: sendNext, acknowledgement: receiveNext, flags: .ack, window: window)
        if usesTimestamps {
            let clock = UInt32(truncatingIfNeeded: now.nanoseconds / 1_000_000) &+ timestampOffset
            answer.options.timestamps = TCPTimestamps(value: clock, echo: recentTimestamp)
        }
        return .reply(answer)
    }
}

extension TransmissionControlBlock {
    /// The record that can take the place of this connection; nil unless it is in TIME-WAIT, has nothing to send, and everything
    /// was read.
    public var timeWaitRecord: TimeWaitRecord? {
        guard state == .timeWait, readableCount == 0, reply == nil, !owesAcknowledgement else { return nil }
        return TimeWaitRecord(self)
    }
}
