import Interfaces

// Buffers come with the first octet, grow with what the path carries, and are given back when the connection is idle.
extension TransmissionControlBlock {
    /// Bytes of memory held beside the control block itself.
    @inline(__always)
    public var footprint: Int {
        send.buffer.footprint + receiver.buffer.footprint + board.sacked.footprint + receiver.ahead.footprint
    }

    /// When something was last sent or received: how long the connection has been idle.
    @inline(__always)
    public var lastActivity: Instant { max(send.lastSent, receiver.lastHeard) }

    /// Gives back the memory of buffers that hold nothing. For a connection that has been idle for a while: the next octet
    /// allocates again.
    public mutating func releaseIdleMemory(_ budget: inout BufferBudget) {
        send.buffer.releaseIfEmpty()
        if receiver.buffer.count == 0, receiver.ahead.isEmpty { receiver.buffer.release() }
        if board.sacked.isEmpty { board.sacked.release() }
        if receiver.ahead.isEmpty { receiver.ahead.release() }
        settle(&budget)
    }

    /// Takes what this connection holds out of `budget`. To be called last, before the control block is dropped.
    public mutating func relinquish(_ budget: inout BufferBudget) {
        budget.charge(0, insteadOf: charged)
        charged = 0
    }

    /// Tells the budget what is held now.
    mutating func settle(_ budget: inout BufferBudget) {
        let held = footprint
        guard held != charged else { return }
        budget.charge(held, insteadOf: charged)
        charged = held
    }

    /// Sees to it that there is a send buffer, and that it is as large as what the path takes in a round trip, twice: so much
    /// lies in it when what was sent is not acknowledged yet and as much is to follow.
    mutating func prepareToWrite(_ count: Int, _ budget: inout BufferBudget) {
        send.buffer.prepare(budget)
        let capacity = send.buffer.capacity
        if count > send.buffer.space, capacity < configuration.largestSendCapacity,
            2 * min(congestion.window, send.window) > capacity, budget.allows(capacity)
        {
            send.buffer.grow(to: 2 * capacity)
        }
        settle(&budget)
    }

    /// Sees to it that there is a receive buffer.
    mutating func prepareToRead(_ budget: inout BufferBudget, _ now: Instant) {
        receiver.buffer.prepare(budget)
        if receiver.consumed > receiver.buffer.capacity / 2 { tuneReceiveBuffer(&budget, now) }
    }

    /// Doubles the receive buffer when the application took more than half of it within about a round trip: then the window may be
    /// what limits the other end.
    mutating func tuneReceiveBuffer(_ budget: inout BufferBudget, _ now: Instant) {
        let elapsed = now - receiver.tuningStart
        receiver.consumed = 0
        receiver.tuningStart = now
        let trip = estimator.hasMeasured ? estimator.smoothed : 100_000_000
        let capacity = receiver.buffer.capacity
        guard elapsed.nanoseconds <= trip + trip / 2, budget.allows(capacity), 2 * capacity <= largestWindow else {
            return
        }
        receiver.buffer.grow(to: 2 * capacity)
        settle(&budget)
    }

    /// The largest window that can be announced.
    @inline(__always)
    private var largestWindow: Int {
        min(configuration.largestReceiveCapacity, usesScaling ? 65535 << Int(receiver.shift) : 65535)
    }
}
