// How the device works. The core has one root port and some channels. A channel is programmed with an endpoint, a piece of memory and
// a number of packets; it is enabled, moves the packets by itself, and halts: because all are moved, because the device sent a short one or refused,
// or because it was told to. Then its registers say how far it came. A bulk endpoint without data keeps its channel waiting, without
// an interrupt; an interrupt endpoint halts it. The device sees no cache. On the board it is on the USB-C connector; every stock QEMU has it.
import Interfaces
import Synchronization

/// The DesignWare USB 2.0 controller of the BCM2711 as a host.
///
/// Channel 0 serves requests, channel 1 interrupt endpoints, the others a pipe each. Nothing on the way of a pipe's transfer allocates.
/// `start` and `stop` take up to half a second.
public final class DWC2<Bus: RegisterBus, Time: Clock, Memory: DMAMemory, Event: InterruptEvent>: USBHostController {
    let bus: Bus
    let time: Time
    let memory: Memory
    let window: DMAWindow
    let configuration: DWC2Configuration
    /// Where the controller finds `memory`.
    let memoryAddress: UInt32
    /// What the interrupts of the first two channels raise.
    let events: (control: Event, poll: Event)
    /// Called by the interrupt handler when the root port has changed.
    public var portEvent: (() -> Void)?

    var channels: [Channel] = []
    /// Between `start` and `stop`.
    var isStarted = false
    /// A task uses the channel of requests.
    var isControlBusy = false
    /// A task uses the channel of interrupt endpoints.
    var isPollBusy = false
    /// The port has interrupted, and no task has looked at it since.
    let isPortQuiet = Atomic<Bool>(false)
    /// The interrupt handler goes on with split transactions.
    let isSplitting = Atomic<Bool>(false)
    /// When a pipe last moved anything.
    var lastActivity = Instant(nanoseconds: 0)
    /// Buffers of hubs with transactions that nobody goes on with.
    private var abandoned: [USBTranslatorBuffer] = []
    /// Transfers that were started anew because a transaction was lost.
    public internal(set) var revivals: UInt64 = 0

    /// Channels for something else than pipes.
    static var reservedChannels: Int { 2 }

    /// The controller behind `bus`, a window of 4 KiB. Touches nothing.
    ///
    /// - Parameters:
    ///   - memory: `DWC2Layout.size` bytes that lie in `window`, from the start of a cache line. Nobody else's.
    ///   - window: what of the memory the controller reaches.
    ///   - events: raised by the interrupt handler for requests and for interrupt endpoints; different ones.
    public init(
        _ bus: Bus, time: Time, memory: Memory, window: DMAWindow, events: (control: Event, poll: Event),
        configuration: DWC2Configuration = .board
    ) {
        guard memory.physicalAddress % 64 == 0,
            let address = window.busAddress(of: memory.physicalAddress, count: DWC2Layout.size)
        else { preconditionFailure("DWC2: the driver's memory begins on a cache line and lies in the window") }
        self.bus = bus
        self.time = time
        self.memory = memory
        self.window = window
        self.events = events
        self.configuration = configuration
        memoryAddress = address
    }

    /// Whether there is such a controller. Survives an empty bus. `switchOn` asks firmware for the block's power, and says whether it
    /// is on: no register is touched before, for without power nobody knows what answers.
    public static func find(_ bus: Bus, switchOn: () -> Bool) -> Bool { switchOn() && isPresent(bus) }

    /// Whether such a controller answers. The block has power.
    static func isPresent(_ bus: Bus) -> Bool {
        // "OT", then the core's version.
        guard let identity = bus.probe(DWC2Register.identity.offset) else { return false }
        return identity >> 16 == 0x4F54
    }

    /// Whether the controller is QEMU's, which is a later version of the core than the board's.
    public static func isEmulated(_ bus: Bus) -> Bool { bus.read(DWC2Register.identity) == 0x4F54_294A }

    // MARK: - USBHostController

    /// The present.
    public var now: Instant { time.now }

    /// The next buffer to be cleared: see `USBHostController`.
    public func nextAbandonedBuffer() -> USBTranslatorBuffer? { abandoned.popLast() }

    /// Takes note of a buffer that is to be cleared; of no more than a tree of hubs has.
    func abandon(_ buffer: USBTranslatorBuffer) {
        if abandoned.count < 32, !abandoned.contains(buffer) { abandoned.append(buffer) }
    }

    /// Lets time pass.
    public func wait(for interval: Interval) { time.wait(for: interval) }
}
