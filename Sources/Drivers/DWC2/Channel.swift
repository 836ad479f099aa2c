import Interfaces

/// One of the controller's channels: the endpoint it leads to, and a queue of transfers.
///
/// The queue's counters run freely: `told` <= `active` <= `queued`, `capacity` apart at most. The transfer `active` is with the hardware, if
/// there is one and the channel was not stopped by an error.
final class Channel {
    static var capacity: Int { 32 }
    /// Packets in a row that may go wrong. USB 2.0, 10.2.6.
    static var mostFailures: Int { 3 }

    let number: Int
    var isOpen = false
    /// What leads to the endpoint.
    var route = ChannelCharacteristics(rawValue: 0)
    var translator: USBTranslator?
    var packetSize = 64
    var isIn = false
    var isInterrupt = false
    /// The driver asks a bulk endpoint again and again.
    var isAsked = false
    /// What the next packet is marked with.
    var packetID = ChannelSize.PacketID.data0
    /// HCSPLT holds a split.
    var isSplitSet = false
    /// The second half of a split transaction is under way.
    var isCompletingSplit = false
    /// How often the second half was not ready.
    var splitTries = 0
    /// The endpoint had nothing to give: when to ask it again.
    var askAgain: Instant?
    /// A transfer has failed, and the next waits for `clear`.
    var isStopped = false
    /// Called by the interrupt handler.
    var event: (() -> Void)?

    private var transfers: [32 of Transfer] = .init(repeating: Transfer())
    private(set) var told = 0
    private(set) var active = 0
    private(set) var queued = 0

    init(_ number: Int) { self.number = number }

    /// Leads to `endpoint` of `target` from now on, with nothing queued. An endpoint that `isAsked` ends a run when it has nothing to give.
    func open(_ endpoint: USBEndpoint, of target: USBTarget, isAsked: Bool = false) {
        isOpen = true
        var shown = endpoint
        if isAsked { shown.transfer = .interrupt }
        route = ChannelCharacteristics(shown, of: target)
        self.isAsked = isAsked
        translator = target.translator
        packetSize = endpoint.packetSize
        isIn = endpoint.isIn
        isInterrupt = endpoint.transfer == .interrupt
        packetID = .data0
        isStopped = false
        empty()
    }

    /// Forgets every transfer.
    func empty() {
        told = queued
        active = queued
        isCompletingSplit = false
        askAgain = nil
    }

    var room: Int { Self.capacity - (queued - told) }
    /// Whether a transfer is with the hardware, or ought to be.
    var isBusy: Bool { active != queued && !isStopped }
    /// Whether a transfer has ended that was not told of.
    var hasEnded: Bool { told != active }

    func enqueue(_ transfer: Transfer) {
        transfers[queued % Self.capacity] = transfer
        queued += 1
        splitTries = 0
    }

    /// The transfer under way, changed by `body`.
    func withActive<Result>(_ body: (inout Transfer) -> Result) -> Result { body(&transfers[active % Self.capacity]) }

    /// The transfer under way has ended.
    func finishActive(_ error: USBError?) {
        transfers[active % Self.capacity].error = error
        active += 1
        isCompletingSplit = false
        splitTries = 0
        if error != nil { isStopped = true }
    }

    /// The oldest end that was not told of.
    func takeEnded() -> USBCompletion? {
        guard hasEnded else { return nil }
        let index = told % Self.capacity
        told += 1
        return USBCompletion(tag: transfers[index].tag, count: transfers[index].done, error: transfers[index].error)
    }
}
