/// What the application has given to be sent and nobody has acknowledged, addressed by sequence number: octets that were
/// copied into a ring, and at most one loan between them.
///
/// The ring counts its own octets only: what lies behind the loan follows in the ring on what lies before it.
struct SendStream: ~Copyable {
    private var ring: StreamBuffer
    private var loan: Loan?
    /// The number of the first octet.
    private(set) var start = SequenceNumber(0)

    /// A ring of at least `capacity` octets, which is allocated when the first comes.
    init(capacity: Int) { ring = StreamBuffer(capacity: capacity) }

    /// Octets of the loan that are not acknowledged.
    @inline(__always)
    var loanRemaining: Int {
        guard let loan else { return 0 }
        return loan.end - .later(start, loan.start)
    }

    /// Octets that are not acknowledged.
    @inline(__always)
    var count: Int { ring.count + loanRemaining }
    /// The number behind the last octet.
    @inline(__always)
    var end: SequenceNumber { start + count }
    /// Octets that can still be appended.
    @inline(__always)
    var space: Int { ring.space }
    /// Octets the ring holds at most.
    @inline(__always)
    var capacity: Int { ring.capacity }
    /// Bytes of memory held now, the loan not among them.
    @inline(__always)
    var footprint: Int { ring.footprint }

    /// Says which sequence number the next octet has. Only while there is none.
    mutating func begin(at number: SequenceNumber) {
        precondition(count == 0, "SendStream: begun while it holds data")
        ring.begin(at: number)
        start = number
    }

    /// Allocates the ring, smaller where `budget` says so.
    mutating func prepare(_ budget: borrowing BufferBudget) { ring.prepare(budget) }

    /// Makes room for `capacity` octets in the ring. Never shrinks.
    mutating func grow(to capacity: Int) { ring.grow(to: capacity) }

    /// Gives the ring's memory back if nothing lies in it.
    mutating func releaseIfEmpty() { if ring.count == 0 { ring.release() } }

    /// Appends as much of `bytes` as fits and says how much that was.
    mutating func append(_ bytes: RawSpan) -> Int { ring.append(bytes) }

    /// Appends the octets of `bytes` without copying them.
    mutating func lend(_ bytes: UnsafeRawBufferPointer) {
        precondition(loan == nil, "SendStream: one loan at a time")
        unsafe loan = Loan(bytes, at: end)
    }

    /// Copies what is left of the loan into the ring; false, and nothing done, when it does not fit.
    mutating func endLoan() -> Bool {
        guard let loan else { return true }
        let rest = loanRemaining
        guard rest <= ring.space else { return false }
        let place = ring.start + max(loan.start - start, 0)
        loan.with(.later(start, loan.start), rest) { ring.insert($0, at: place) }
        self.loan = nil
        return true
    }

    /// Forgets everything.
    mutating func removeAll() {
        start = end
        loan = nil
        ring.drop(ring.count)
        ring.release()
    }

    /// Forgets the first `octets`.
    mutating func drop(_ octets: Int) {
        let before = loanRemaining
        start = start + octets
        guard before > 0 else { return ring.drop(octets) }
        let after = loanRemaining
        ring.drop(octets - (before - max(after, 0)))
        if after <= 0 { loan = nil }
    }

    /// Copies `length` octets from `number` on to the front of `destination`.
    mutating func copy(from number: SequenceNumber, length: Int, into destination: inout MutableRawSpan) {
        guard let loan else {
            return ring.copy(from: ring.start + (number - start), length: length, into: &destination)
        }
        precondition(destination.byteCount >= length, "SendStream: destination too short")
        var done = 0
        while done < length {
            let next = number + done
            var part = destination._mutatingExtracting(done..<length)
            var taken = length - done
            if next < loan.start {
                taken = min(taken, loan.start - next)
                ring.copy(from: ring.start + (next - start), length: taken, into: &part)
            } else if next < loan.end {
                taken = min(taken, loan.end - next)
                loan.with(next, taken) { part.copy($0, to: 0) }
            } else {
                ring.copy(from: ring.start + (next - start - loanRemaining), length: taken, into: &part)
            }
            done += taken
        }
    }
}
