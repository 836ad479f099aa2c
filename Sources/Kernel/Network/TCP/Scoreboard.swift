/// What the sender knows about the fate of what is under way (RFC 6675, section 3).
///
/// Three marks, all between SND.UNA and SND.NXT, say everything: octets before `lostBefore` that are not in `sacked` are
/// lost, octets before `retransmitted` were sent again, and `recovery` says whether that is acted upon. Without SACK,
/// `arrived` counts what duplicate acknowledgements say has left the network (RFC 6582).
struct Scoreboard: ~Copyable {
    /// Whether losses are being repaired, and from where on new data begins.
    enum Recovery {
        case none
        /// After duplicate acknowledgements or SACK.
        case fast(SequenceNumber)
        /// After the retransmission timer.
        case timeout(SequenceNumber)
    }

    /// What the other end holds ahead of a gap.
    var sacked = SequenceRanges()
    /// The mark of loss.
    var lostBefore: SequenceNumber
    /// HighRxt, plus one.
    var retransmitted: SequenceNumber
    /// The state of repair.
    var recovery = Recovery.none
    /// Duplicate acknowledgements in a row.
    var duplicates = 0
    /// Octets that have left the network by the count of duplicates, where there is no SACK.
    var arrived = 0

    /// RescueRxt: up to where the one rescue of this recovery went (RFC 6675, section 4, NextSeg rule 4).
    var rescued: SequenceNumber?

    /// DupThresh.
    static let threshold = 3

    init(at number: SequenceNumber) {
        lostBefore = number
        retransmitted = number
    }

    /// Whether nothing is known to be missing or to have arrived out of order.
    @inline(__always)
    var isClean: Bool {
        !isRecovering && sacked.isEmpty && arrived == 0
    }

    /// Whether losses are being repaired.
    @inline(__always)
    var isRecovering: Bool {
        if case .none = recovery { return false }
        return true
    }

    /// Whether losses are being repaired that were noticed without the timer.
    @inline(__always)
    var isFast: Bool {
        if case .fast = recovery { return true }
        return false
    }

    /// SetPipe (RFC 6675, section 4): octets under way between `first` and `next`.
    func pipe(_ first: SequenceNumber, _ next: SequenceNumber) -> Int {
        if isClean { return next - first }
        let lost = SequenceNumber.later(lostBefore, first)
        let again = SequenceNumber.later(retransmitted, first)
        let fresh = (next - lost) - sacked.octets(in: SequenceRange(lost, next))
        let repeated = (again - first) - sacked.octets(in: SequenceRange(first, again))
        return max(fresh + repeated - arrived, 0)
    }

    /// IsLost (RFC 6675, section 4): moves the mark of loss to the lowest range that has enough behind it.
    mutating func updateLoss(segmentSize: Int) {
        var octets = 0
        var index = sacked.count
        while index > 0 {
            index -= 1
            octets += sacked[index].count
            if sacked.count - index >= Self.threshold || octets > (Self.threshold - 1) * segmentSize {
                lostBefore = .later(lostBefore, sacked[index].start)
                return
            }
        }
    }

    /// The octets before `number` were acknowledged.
    mutating func acknowledge(_ number: SequenceNumber) {
        sacked.remove(before: number)
        lostBefore = .later(lostBefore, number)
        retransmitted = .later(retransmitted, number)
    }

    /// The next octets to send again: what is lost (NextSeg rule 1).
    func nextLost(_ first: SequenceNumber) -> SequenceRange? {
        guard isRecovering else { return nil }
        return hole(from: .later(retransmitted, first), to: lostBefore)
    }

    /// Octets below the highest reported that are not known to be lost (NextSeg rule 3).
    func nextDoubtful(_ first: SequenceNumber) -> SequenceRange? {
        guard isFast, !sacked.isEmpty else { return nil }
        return hole(from: .later(retransmitted, first), to: sacked[sacked.count - 1].start)
    }

    /// The last octets under way, at most `limit`, when they lie behind everything that was reported: what to send once in a
    /// recovery when nothing else can be, so that a loss of the end does not need the timer (NextSeg rule 4). Octets below
    /// what was reported are left out: in this recovery they were sent again already.
    mutating func nextRescue(_ first: SequenceNumber, _ next: SequenceNumber, limit: Int) -> SequenceRange? {
        guard case .fast(let point) = recovery, rescued == nil, !sacked.isEmpty else { return nil }
        let start = SequenceNumber.later(.later(first, next - limit), sacked[sacked.count - 1].end)
        guard start < next else { return nil }
        rescued = point
        return SequenceRange(start, next)
    }

    /// The first octets from `start` on and before `limit` that were not reported.
    private func hole(from start: SequenceNumber, to limit: SequenceNumber) -> SequenceRange? {
        var start = start
        if let range = sacked.range(containing: start) { start = range.end }
        guard start < limit else { return nil }
        guard let end = sacked.start(after: start) else { return SequenceRange(start, limit) }
        return SequenceRange(start, .earlier(end, limit))
    }
}
