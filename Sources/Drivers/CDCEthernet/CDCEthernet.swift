// How an adapter works. It has a pipe each way and a whole Ethernet frame is what lies between two short packets of it (ECM), or follows a header that
// tells its length (RNDIS). An interrupt endpoint may tell of the link. Adapters come and go while the network goes on: without one the
// link is down.
import Interfaces
import USB

/// An Ethernet adapter on USB: CDC ECM, or RNDIS.
///
/// The bus gives it adapters, the network's task moves frames; see `USBClassDriver` and `NetworkDevice` for who calls when. A frame is
/// received into a buffer of the pool and handed up in it. Nothing on the way of a frame allocates.
///
/// The interface's address is that of the first adapter, or the one it was made with when none is there by `fixAddress`. It stays with
/// other adapters, which are asked to let everything through.
public final class CDCEthernet<Memory: DMAMemory>: NetworkDevice, USBClassDriver {
    /// The buffers: whole packets of every size fit in.
    typealias Buffers = FrameMemory<Memory, 16>

    let memory: Buffers
    let preference: AdapterProtocol
    /// Called when there may be something for the network's task to do: from interrupt handlers, and from the task of the bus.
    public var work: (() -> Void)? {
        get { notice.work }
        set { notice.work = newValue }
    }
    /// What the controller calls: it knows nothing of this value, which closes its pipes.
    let notice = WorkNotice()

    /// The adapter, from the start of `attach` to `detach`.
    var adapter: Adapter?
    /// Whether the interface's address changes no more.
    private var isAddressFixed = false

    // MARK: Receiving

    /// Receive buffers that are not with the adapter: free, or owned by frames.
    var pool: FramePool
    /// Which receive buffers are with the adapter.
    var offered: [Bool]
    /// What is left of a transfer that brought several frames: its buffer, and where the next begins and the last ends.
    var rest: (buffer: Int, range: Range<Int>)?

    // MARK: Sending

    /// Frames handed to the pipe, and those that have left it.
    var produced = 0
    var consumed = 0

    var counters = NetworkStatistics()
    private var groups = GroupJoins()

    // MARK: - NetworkDevice

    /// The interface's address.
    public private(set) var hardwareAddress: HardwareAddress
    /// The link: up while there is an adapter that does not say otherwise.
    public internal(set) var link = LinkState.down
    /// 1500.
    public var maximumTransmissionUnit: Int { 1500 }
    /// The link comes and goes.
    public var capabilities: NetworkCapabilities { .linkDetection }
    /// Counters since the value was made.
    public var statistics: NetworkStatistics { counters }

    /// Whether frames for everybody are received.
    public var isPromiscuous = false {
        didSet { adapter?.needsFilter = true }
    }

    /// An interface without an adapter.
    ///
    /// - Parameters:
    ///   - memory: for buffers: `memorySize` bytes that the controller reaches. Nobody else's.
    ///   - address: the interface's, until there is an adapter to ask.
    ///   - preference: what to speak with adapters that know both.
    public init(memory: Memory, address: HardwareAddress, preference: AdapterProtocol = .ecm) {
        precondition(address.isUsableByInterface, "CDCEthernet: an interface's address is no group's and not zero")
        self.memory = FrameMemory(memory)
        self.preference = preference
        hardwareAddress = address
        pool = FramePool(count: self.memory.receiveBuffers)
        offered = [Bool](repeating: false, count: self.memory.receiveBuffers)
        self.memory.cleanAll()
    }

    /// Bytes of memory for `spareBuffers` (1 at least) frames that consumers hold, besides what the pipes need: 64 KiB.
    public static func memorySize(spareBuffers: Int) -> Int {
        (Self.transmitBuffers + inFlight + spareBuffers) * Buffers.bufferSize
    }

    /// Frames that are sent at a time.
    static var transmitBuffers: Int { 16 }
    /// Transfers that wait for frames.
    static var inFlight: Int { 16 }

    /// Keeps the address that the interface has: a network stack has taken note of it.
    public func fixAddress() { isAddressFixed = true }

    /// The address of an adapter; nil when it does not say. The interface takes it over as long as nobody has taken note of another.
    /// - Returns: whether the adapter's filter lets frames for the interface through.
    func adopt(_ address: HardwareAddress?) -> Bool {
        guard let address, address.isUsableByInterface else { return false }
        if !isAddressFixed {
            hardwareAddress = address
            isAddressFixed = true
        }
        return address == hardwareAddress
    }

    /// Receive buffers that neither the adapter nor a frame holds.
    public var spareBuffers: Int { pool.freeCount }

    /// What the adapter speaks; nil without one.
    public var adapterProtocol: AdapterProtocol? { adapter?.function.protocol }

    /// Nothing: the controller interrupts, and calls `work`.
    public func takeInterrupts() -> NetworkInterrupts { [] }

    /// Lets the pipes interrupt: see `NetworkDevice`.
    public func arm(_ causes: NetworkInterrupts) -> Bool {
        guard let adapter, link.isUp else { return true }
        if rest != nil || !adapter.controller.arm(adapter.input) { return false }
        // Frames that are left to be sent need someone to see them off, whether or not anybody waits for room.
        while consumed != produced, !adapter.controller.arm(adapter.output) { reclaim() }
        return !(causes.contains(.transmit) && transmitRoom > 0)
    }

    /// When to look for frames that the controller does not tell of.
    public var deadline: Instant {
        guard let adapter, link.isUp else { return .never }
        let next = adapter.controller.nextLook(at: adapter.input)
        return consumed == produced ? next : min(next, adapter.controller.nextLook(at: adapter.output))
    }

    /// Nothing: the task of the bus looks after the adapter.
    public func maintain() -> Instant {
        guard let adapter else { return .never }
        return adapter.controller.now + .seconds(1)
    }

    /// Counts a join: adapters let frames for every group through.
    public func join(_ address: HardwareAddress) {
        _ = groups.join(address)
    }

    /// Undoes a join.
    public func leave(_ address: HardwareAddress) {
        _ = groups.leave(address)
    }

    /// Closes the pipes. The controller is its owner's to stop.
    public func stop() throws(DeviceError) { letGo() }

    // MARK: - USBClassDriver

    /// A word for people.
    public var name: StaticString { "ethernet" }
}

/// Who is told that there is work.
final class WorkNotice {
    var work: (() -> Void)?
}
