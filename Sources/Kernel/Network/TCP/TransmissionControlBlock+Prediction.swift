import Interfaces

// Header prediction (Van Jacobson, 1990): nearly every segment of an established connection is the next data in order or the
// next acknowledgement, and nothing is out of the ordinary. What follows does for it what `process` would, and no more.
extension TransmissionControlBlock {
    /// Takes in a segment that is as expected; false, and nothing done, when it is not.
    mutating func takeExpected(
        _ header: SegmentHeader, _ payload: RawSpan, _ budget: inout BufferBudget, _ now: Instant
    ) -> Bool {
        guard state == .established, header.flags.subtracting(.psh) == .ack, header.sequence == receiver.next,
            header.options.isOrdinary(withTimestamps: usesTimestamps)
        else { return false }
        let (acknowledged, count) = (header.acknowledgement - send.unacknowledged, payload.byteCount)
        guard acknowledged >= 0, acknowledged <= send.flight, acknowledged > 0 || count > 0,
            header.window > 0, send.window > 0, isUneventful, board.isClean
        else { return false }
        if count > 0 {
            guard count <= receiver.edge - receiver.next, receiver.buffer.isAllocated, count <= receiver.buffer.space
            else { return false }
        }
        guard takeTimestamp(header, now) else { return false }
        receiver.lastHeard = now
        send.window = Int(header.window) << Int(send.shift)
        send.largestWindow = max(send.largestWindow, send.window)
        send.windowSequence = header.sequence
        send.windowAcknowledgement = header.acknowledgement
        if acknowledged > 0 { advanceCleanly(to: header, acknowledged, now) }
        if count > 0 { takeNext(payload, &budget, now) }
        return true
    }

    /// Nothing is in progress that acknowledgements or data could end.
    @inline(__always)
    private var isUneventful: Bool {
        receiver.ahead.isEmpty && receiver.fin == nil && !isOrphaned && tailProbe == nil && probes == 0
            && board.duplicates == 0 && timers.persist == .never
    }

    /// PAWS and TS.Recent (RFC 7323, sections 5.3 and 4.3) for a segment at RCV.NXT; false when its timestamp is old.
    @inline(__always)
    private mutating func takeTimestamp(_ header: SegmentHeader, _ now: Instant) -> Bool {
        guard usesTimestamps else { return true }
        let value = header.options.timestampValue
        guard Int32(bitPattern: value &- receiver.recentTimestamp) >= 0 else { return false }
        if header.sequence <= receiver.lastAcknowledgement {
            receiver.recentTimestamp = value
            receiver.recentTimestampAge = now
        }
        return true
    }

    /// SND.UNA moves, and nothing is missing.
    private mutating func advanceCleanly(to header: SegmentHeader, _ acknowledged: Int, _ now: Instant) {
        let number = header.acknowledgement
        let flight = send.flight
        measure(number, header, now)
        stalledSince = nil
        send.unacknowledged = number
        send.buffer.drop(acknowledged)
        events.insert(send.buffer.count == 0 ? [.writable, .flushed] : .writable)
        estimator.progress()
        board.lostBefore = number
        board.retransmitted = number
        if windowLimit != nil || flight >= congestion.window {
            congestion.acknowledged(acknowledged, roundTrip: .nanoseconds(estimator.smoothed), now: now)
        }
        if let limit = windowLimit, number >= limit { windowLimit = nil }
        if acknowledged < flight {
            armRetransmission(now)
        } else {
            timers.retransmission = .never
            timers.tail = .never
        }
    }

    /// The next octets in order.
    private mutating func takeNext(_ payload: RawSpan, _ budget: inout BufferBudget, _ now: Instant) {
        let end = receiver.next + payload.byteCount
        receiver.buffer.place(payload, at: receiver.next)
        receiver.buffer.extend(to: end)
        receiver.next = end
        unacknowledgedOctets += payload.byteCount
        events.insert(.readable)
        if receiver.consumed > receiver.buffer.capacity / 2 { tuneReceiveBuffer(&budget, now) }
    }
}
