// How the device works. Two DMA engines move frames between buffers in memory and the MAC's FIFOs. Each has rings of descriptors, which lie in
// the device itself; the driver uses ring 16 of each, with all 256 descriptors. A ring has two counters of 16 bits that run freely: the
// producer's and the consumer's; one is the hardware's, the other the software's. Each frame in memory follows a status block of 64 bytes:
// length, errors and checksum can be read there without touching a register, which costs hundreds of nanoseconds. The device sees no
// cache. It has no interrupt for the link that works, so the PHY is asked. The MAC stays in reset until the first link: only then has
// it the clocks that its reset needs (erratum E6).
import Interfaces

/// The gigabit Ethernet controller of the BCM2711 (Broadcom GENET version 5).
///
/// Calls as in `NetworkDevice`; `start` and `stop` take up to half a second. Nothing on the way of a frame allocates. The memory's
/// owner keeps it until `stop` has returned; a value that is destroyed before traps.
public final class GENET<Bus: RegisterBus, Time: Clock, Memory: DMAMemory, PHY: EthernetPHY>: NetworkDevice {
    /// The buffers: each transmit descriptor has its own, for ever. 2048 bytes are below the 4095 that a descriptor can say (erratum E12), and
    /// enough for status block, alignment and the longest frame that the MAC lets through.
    typealias Packets = FrameMemory<Memory, 256>

    let bus: Bus
    let time: Time
    let packets: Packets
    let configuration: GENETConfiguration
    /// The PHY at the other side of the RGMII: see `withPHY`.
    var phy: PHY
    /// A task talks to the PHY, and waits for the management bus now and then.
    var isPHYBusy = false

    // MARK: State of the whole

    /// Between `start` and `stop`.
    var isStarted = false
    /// `start` is under way.
    var isStarting = false
    /// Calls of `stop` so far. Whoever has waited compares, and starts nothing any more when there was one.
    var stops: UInt32 = 0
    /// The rings turn; false as well while a restart is under way or has failed.
    var isRunning = false
    /// The engines were started, or found running, and have not been seen to stop since.
    var mayTouchMemory = false
    /// The hardware told something impossible: to be restarted by `maintain`.
    var isFaulty = false
    /// What was last written to UMAC_CMD. Registers on the slow bus are not read back to be changed.
    var command: MACCommand = []
    /// The interrupts that were last armed.
    var armed: NetworkInterrupts = []

    // MARK: Receive ring

    // Three counters, modulo 65536: `returned` <= `received` <= `arrived`, 256 apart at most.
    /// Descriptors given back to the hardware: the software's counter as the hardware knows it.
    var returned: UInt16 = 0
    /// Frames looked at.
    var received: UInt16 = 0
    /// Frames that were there when the hardware was last asked.
    var arrived: UInt16 = 0
    /// What the upper half of the producer's index was when last read.
    var discards: UInt16 = 0
    /// The receive buffer in each descriptor, once `hasRing`.
    var ringBuffers: [256 of UInt16] = .init(repeating: 0)
    var hasRing = false
    /// Receive buffers that are not in the ring: free, or owned by frames.
    var pool: FramePool

    // MARK: Transmit ring

    /// Frames handed over so far, modulo 65536: the software's counter.
    var produced: UInt16 = 0
    /// Frames the hardware had done with when last asked.
    var consumed: UInt16 = 0

    // MARK: Maintenance

    var counters = NetworkStatistics()
    /// The transmitter while it does not move.
    var transmitWatch: TransmitWatch?
    /// The receiver's position when last looked at, and what was lost since.
    var receiveWatch: ReceiveWatch?
    /// The partner has paused us without an end: its pause frames are ignored until the next link.
    public internal(set) var ignoresPause = false
    /// Failures to reach the PHY, one after the other.
    var phyFailures = 0
    var groups = GroupJoins()

    /// Told by `maintain` of what a log should tell.
    public var onEvent: ((GENETEvent) -> Void)?

    // MARK: - NetworkDevice

    /// The interface's address, as given.
    public let hardwareAddress: HardwareAddress
    /// The link as last polled.
    public internal(set) var link = LinkState.down
    /// The controller's own counters, as old as the last `maintain`.
    public internal(set) var hardwareCounters = HardwareCounters()
    /// 1500.
    public var maximumTransmissionUnit: Int { 1500 }
    /// Sums of received frames, checksums of sent ones.
    public var capabilities: NetworkCapabilities { [.receiveChecksum, .transmitChecksum, .linkDetection] }
    /// Counters since the value was made.
    public var statistics: NetworkStatistics { counters }

    /// Whether frames for everybody are received.
    public var isPromiscuous = false {
        didSet { if isRunning { updateFilter() } }
    }

    /// The controller behind `bus`, a window of 64 KiB. Touches nothing.
    ///
    /// - Parameters:
    ///   - time: bounds every wait.
    ///   - memory: for buffers: `memorySize` bytes, within one 4 GiB of physical addresses, mapped as normal memory.
    ///   - phy: reached through a `GENETManagementBus` on the same window.
    ///   - address: from the firmware or the device tree, or `heldAddress`. No group's (traps).
    public init(
        _ bus: Bus, time: Time, memory: Memory, phy: PHY, address: HardwareAddress,
        configuration: GENETConfiguration = GENETConfiguration()
    ) {
        precondition(address.isUsableByInterface, "GENET: an interface's address is no group's and not zero")
        self.bus = bus
        self.time = time
        self.phy = phy
        self.configuration = configuration
        hardwareAddress = address
        packets = FrameMemory(memory)
        precondition(packets.receiveBuffers > Ring.size, "GENET: not enough packet memory, see memorySize")
        let last = memory.physicalAddress + UInt64(unsafe memory.bytes.count) - 1
        // The upper address words of the descriptors are written once.
        precondition(memory.physicalAddress >> 32 == last >> 32 && last >> 40 == 0, "GENET: packet memory across 4 GiB")
        pool = FramePool(count: packets.receiveBuffers)
    }

    deinit {
        precondition(!isStarted, "GENET: stop it before its memory goes")
        if hasRing { for index in 0..<Ring.size { pool.giveBack(Int(ringBuffers[index])) } }
    }

    /// Bytes of memory that leave `spareBuffers` (1 at least) for frames that consumers hold, besides what the rings need: 1 MiB.
    public static func memorySize(spareBuffers: Int) -> Int {
        (2 * Ring.size + spareBuffers) * Packets.bufferSize
    }

    /// Receive buffers that neither the ring nor a frame holds.
    public var spareBuffers: Int { pool.freeCount }

    /// The address that the controller holds, left by a firmware that has booted over the network; nil without one. Survives an absent device.
    public static func heldAddress(_ bus: Bus) -> HardwareAddress? {
        guard isPresent(bus), !bus.read(GENETRegister.receiveFlush).contains(.resetMAC) else { return nil }
        let upper = UInt64(bus.read(GENETRegister.address0))
        let lower = UInt64(bus.read(GENETRegister.address1) & 0xFFFF)
        let address = HardwareAddress(bits: upper << 16 | lower)
        return address.isUsableByInterface ? address : nil
    }

    /// Whether a GENET version 5 answers. Survives an empty bus.
    public static func isPresent(_ bus: Bus) -> Bool {
        guard let revision = bus.probe(GENETRegister.revision.offset) else { return false }
        return Revision(rawValue: revision).major == Revision.version5
    }
}
