import Interfaces
import Synchronization

/// One of the controller's channels: the endpoint it leads to, and a queue of transfers.
///
/// The queue's counters run freely: `told` <= `active` <= `queued`, `capacity` apart at most. The transfer `active` is with the hardware, if
/// there is one and the channel was not stopped by an error. Tasks look after the queue; while `isWithHandler` the interrupt handler
/// goes on with a split transaction, and tasks touch neither `split` nor the channel's registers.
final class Channel {
    static var capacity: Int { 32 }
    /// Packets in a row that may go wrong. USB 2.0, 10.2.6.
    static var mostFailures: Int { 3 }
    /// Refusals in a row after which the device gets some time.
    static var mostRefusals: Int { 4 }

    let number: Int
    var isOpen = false
    /// How often it was opened: which pipe it is.
    private(set) var serial: UInt32 = 0
    /// What leads to the endpoint.
    var route = ChannelCharacteristics(rawValue: 0)
    var translator: USBTranslator?
    var endpoint = USBEndpoint(number: 0, isIn: false, transfer: .control, packetSize: 8)
    var device: UInt8 = 0
    var packetSize = 64
    var isIn = false
    var isInterrupt = false
    /// The driver asks a bulk endpoint again and again.
    var isAsked = false
    /// What the next packet is marked with.
    var packetID = ChannelSize.PacketID.data0
    /// HCSPLT holds a split.
    var isSplitSet = false
    /// The endpoint had nothing to give, or took nothing: when to ask it again.
    var askAgain: Instant?
    /// How often in a row it refused.
    var refusals = 0
    /// A transfer has failed, and the next waits for `clear`.
    var isStopped = false
    /// The hardware was told to stop, and may take some time: nobody starts anything.
    var isHalting = false
    /// When the hardware last showed that it works on the transfer, and what was left then.
    var lastSign = Instant(nanoseconds: 0)
    var lastSize: UInt32 = 0
    /// Called by the interrupt handler.
    var event: (() -> Void)?

    // MARK: Split transactions

    var split = SplitTransaction()
    /// Set by tasks, reset by the handler when it is done, and by tasks that have silenced the channel.
    let isWithHandler = Atomic<Bool>(false)
    /// What a half is told to move, and where.
    var run = (size: ChannelSize(rawValue: 0), address: UInt32(0))
    /// How the transaction ended that the handler has left to the task.
    var splitEnd: (causes: ChannelInterrupts, size: ChannelSize)?

    private var transfers: [32 of Transfer] = .init(repeating: Transfer())
    private(set) var told = 0
    private(set) var active = 0
    private(set) var queued = 0

    init(_ number: Int) { self.number = number }

    /// Leads to `endpoint` of `target` from now on, with nothing queued. A bulk endpoint that `isShownAsInterrupt` ends a run when it has nothing to
    /// give; so does one behind a hub that translates.
    func open(_ endpoint: USBEndpoint, of target: USBTarget, isShownAsInterrupt: Bool = false) {
        isOpen = true
        serial &+= 1
        var shown = endpoint
        if isShownAsInterrupt { shown.transfer = .interrupt }
        route = ChannelCharacteristics(shown, of: target)
        translator = target.translator
        self.endpoint = endpoint
        device = target.address
        isAsked = isShownAsInterrupt || translator != nil && endpoint.isIn && endpoint.transfer == .bulk
        packetSize = endpoint.packetSize
        isIn = endpoint.isIn
        isInterrupt = endpoint.transfer == .interrupt
        packetID = .data0
        split.isUncertain = false
        isStopped = false
        empty()
    }

    /// Forgets every transfer.
    func empty() {
        told = queued
        active = queued
        splitEnd = nil
        askAgain = nil
        refusals = 0
    }

    var room: Int { Self.capacity - (queued - told) }
    /// Whether a transfer is with the hardware, or ought to be.
    var isBusy: Bool { active != queued && !isStopped && !isHalting }
    /// Whether a transfer has ended that was not told of.
    var hasEnded: Bool { told != active }

    func enqueue(_ transfer: Transfer) {
        transfers[queued % Self.capacity] = transfer
        queued += 1
    }

    /// The transfer under way, changed by `body`.
    func withActive<Result>(_ body: (inout Transfer) -> Result) -> Result { body(&transfers[active % Self.capacity]) }

    /// The transfer under way has ended.
    func finishActive(_ error: USBError?) {
        transfers[active % Self.capacity].error = error
        active += 1
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
