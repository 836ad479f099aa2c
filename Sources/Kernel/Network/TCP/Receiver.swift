import Interfaces

/// The receiving half of a connection: the receive sequence variables (RFC 9293, section 3.3.1), the octets, and what is
/// owed to the other end.
struct Receiver: ~Copyable {
    /// IRS.
    var initial = SequenceNumber(0)
    /// RCV.NXT.
    var next = SequenceNumber(0)
    /// The right edge of the window as last advertised; it never moves back.
    var edge = SequenceNumber(0)
    /// Rcv.Wind.Shift.
    var shift: UInt8 = 0
    /// What arrived, in order.
    var buffer: StreamBuffer
    /// What arrived ahead of a gap.
    var ahead = SequenceRanges()
    /// Some octet of each range that arrived lately, the latest first (RFC 2018, section 4).
    var latest = InlineArray<4, SequenceNumber>(repeating: SequenceNumber(0))
    /// A duplicate to be reported in the next acknowledgement (RFC 2883).
    var duplicate: SequenceRange?
    /// Where the other end's FIN stands, once one has arrived.
    var fin: SequenceNumber?
    /// TS.Recent (RFC 7323, section 4.3).
    var recentTimestamp: UInt32 = 0
    /// When TS.Recent was set.
    var recentTimestampAge = Instant(nanoseconds: 0)
    /// Last.ACK.sent.
    var lastAcknowledgement = SequenceNumber(0)
    /// When something last arrived.
    var lastHeard = Instant(nanoseconds: 0)

    /// Octets the application took since `tuningStart`.
    var consumed = 0
    /// When the round trip began whose consumption is counted.
    var tuningStart = Instant(nanoseconds: 0)

    init(configuration: borrowing TCPConfiguration) {
        buffer = StreamBuffer(capacity: configuration.receiveCapacity)
    }

    /// Whether there is something to report by SACK.
    @inline(__always)
    var hasBlocks: Bool { !ahead.isEmpty || duplicate != nil }

    /// RCV.WND: what the other end was told it may send.
    @inline(__always)
    var window: Int { max(edge - next, 0) }

    /// The sequence numbers start behind a SYN at `number`.
    mutating func begin(at number: SequenceNumber) {
        initial = number
        next = number + 1
        edge = next
        lastAcknowledgement = next
        buffer.begin(at: next)
    }

    /// Where the right edge could be moved to now.
    @inline(__always)
    var possibleEdge: SequenceNumber { .later(edge, buffer.start + buffer.capacity) }

    /// Moves the edge as far as silly window avoidance allows (RFC 9293, section 3.8.6.2.2) and gives the field for it.
    mutating func advertise(segmentSize: Int, isSYN: Bool) -> UInt16 {
        let possible = possibleEdge
        var right = edge
        if possible - edge >= min(buffer.capacity / 2, segmentSize) { right = possible }
        let shift = isSYN ? 0 : Int(shift)
        let field = min(max(right - next, 0) >> shift, 65535)
        edge = .later(edge, next + (field << shift))
        return UInt16(field)
    }

    /// Whether the reader has made so much room that the other end should hear of it.
    @inline(__always)
    func owesUpdate(segmentSize: Int) -> Bool {
        let growth = possibleEdge - edge
        let least = min(buffer.capacity / 2, segmentSize)
        return growth >= (window < 2 * segmentSize ? least : max(least, buffer.capacity / 4))
    }

    /// Remembers that the octet at `number` came ahead of a gap.
    mutating func note(_ number: SequenceNumber) {
        guard let range = ahead.range(containing: number) else { return }
        var slot = 0
        while slot < 3, !range.contains(latest[slot]) { slot += 1 }
        while slot > 0 {
            latest[slot] = latest[slot - 1]
            slot -= 1
        }
        latest[0] = number
    }

    /// The blocks to report, at most `limit`: a duplicate, then the latest ranges (RFC 2018, section 4; RFC 2883).
    mutating func blocks(limit: Int) -> SACKBlocks {
        var blocks = SACKBlocks()
        if let duplicate {
            blocks.append(duplicate)
            self.duplicate = nil
        }
        guard !ahead.isEmpty else { return blocks }
        let first = blocks.count
        for slot in 0..<4 where blocks.count < limit {
            guard let range = ahead.range(containing: latest[slot]) else { continue }
            var isKnown = false
            for index in first..<blocks.count where blocks[index] == range { isKnown = true }
            if !isKnown { blocks.append(range) }
        }
        return blocks
    }
}
