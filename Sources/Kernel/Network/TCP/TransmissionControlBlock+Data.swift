import Interfaces

extension TransmissionControlBlock {
    /// Seventh and eighth: the text of the segment and its FIN (RFC 9293, section 3.10.7.4). Urgent data is part of the
    /// text (RFC 6093, section 6).
    mutating func receiveData(_ header: SegmentHeader, _ payload: RawSpan, _ now: Instant) {
        let hasFIN = header.flags.contains(.fin)
        guard payload.byteCount > 0 || hasFIN else { return }
        guard state.receives else {
            if state == .timeWait, hasFIN { startTimeWait(now) }
            owesAcknowledgement = true
            return
        }
        let start = header.sequence + (header.flags.contains(.syn) ? 1 : 0)
        let end = start + payload.byteCount
        if isOrphaned, end > receiver.next, payload.byteCount > 0 {
            abort()
            return
        }
        if hasFIN, end >= receiver.next, end <= receiver.edge { receiver.fin = receiver.fin ?? end }
        takeText(start, payload)
        if let fin = receiver.fin, fin == receiver.next { receiveFIN(now) }
    }

    /// Cuts the text to the window and puts it where it belongs.
    private mutating func takeText(_ start: SequenceNumber, _ payload: RawSpan) {
        // Where memory is short the buffer may be smaller than the window that was promised.
        var limit = SequenceNumber.earlier(receiver.edge, receiver.buffer.start + receiver.buffer.capacity)
        if let fin = receiver.fin { limit = .earlier(limit, fin) }
        let from = SequenceNumber.later(start, receiver.next)
        let to = SequenceNumber.earlier(start + payload.byteCount, limit)
        if start < receiver.next, payload.byteCount > 0 {
            owesAcknowledgement = true
            let known = SequenceNumber.earlier(start + payload.byteCount, receiver.next)
            if usesSACK { receiver.duplicate = SequenceRange(start, known) }
        }
        guard to > from else {
            if payload.byteCount > 0 { owesAcknowledgement = true }
            return
        }
        let text = payload.extracting((from - start)..<(to - start))
        if from == receiver.next { takeInOrder(text) } else { takeAhead(SequenceRange(from, to), text) }
    }

    private mutating func takeInOrder(_ text: RawSpan) {
        receiver.buffer.place(text, at: receiver.next)
        var end = receiver.next + text.byteCount
        if !receiver.ahead.isEmpty {
            owesAcknowledgement = true
            if receiver.ahead[0].start <= end { end = .later(end, receiver.ahead[0].end) }
            receiver.ahead.remove(before: end)
            while !receiver.ahead.isEmpty, receiver.ahead[0].start <= end {
                end = .later(end, receiver.ahead[0].end)
                receiver.ahead.remove(before: end)
            }
        }
        unacknowledgedOctets += end - receiver.next
        receiver.buffer.extend(to: end)
        receiver.next = end
        events.insert(.readable)
    }

    private mutating func takeAhead(_ range: SequenceRange, _ text: RawSpan) {
        owesAcknowledgement = true
        switch receiver.ahead.insert(range) {
        case .added:
            receiver.buffer.place(text, at: range.start)
            receiver.note(range.start)
        case .known:
            receiver.note(range.start)
            if usesSACK { receiver.duplicate = range }
        case .full: break
        }
    }

    private mutating func receiveFIN(_ now: Instant) {
        receiver.next = receiver.next + 1
        receiver.edge = .later(receiver.edge, receiver.next)
        owesAcknowledgement = true
        events.insert(.readable)
        switch state {
        case .established: state = .closeWait
        case .finWait1:
            if send.isFinAcknowledged { startTimeWait(now) } else { state = .closing }
        case .finWait2: startTimeWait(now)
        default: break
        }
    }

    /// After a segment: acknowledge every second full one, or after the delay (RFC 9293, section 3.8.6.3).
    mutating func scheduleAcknowledgement(_ now: Instant) {
        guard unacknowledgedOctets > 0, !owesAcknowledgement else { return }
        if unacknowledgedOctets >= 2 * payloadLimit || configuration.acknowledgementDelay.nanoseconds == 0 {
            owesAcknowledgement = true
        } else if timers.acknowledgement == .never {
            timers.acknowledgement = now + configuration.acknowledgementDelay
        }
    }
}
