import Interfaces

/// A DWC2 as on the BCM2711, register by register, with what is plugged into its root port.
///
/// A channel moves its packets one after the other, each in its time on the bus; what it asks a bulk endpoint that has nothing, it asks again by
/// itself. Packets of interrupt endpoints go in the (micro)frame whose parity the channel names. Devices look at how packets are marked. A
/// channel that is told to stop takes its time. Nothing answers before the block has power, and the port has none until it is given some.
/// `isEmulated` makes it QEMU's: what can be done is done while the register is written, and a device that is unplugged while a
/// channel asks it is a violation (there the emulator dies).
public final class DWC2Model: RegisterModel {
    /// Like QEMU's.
    public let isEmulated: Bool
    /// What was done wrong so far, in words; at most a hundred.
    public private(set) var violations: [String] = []
    /// Called when the interrupt line rises, and as long as it is high whenever something changes.
    public var onInterrupt: (() -> Void)?
    /// How long the processor takes from the line to `onInterrupt`.
    public var interruptLatency: () -> Interval = { .nanoseconds(100) }
    /// Register accesses so far.
    public var accesses = 0
    /// Times the interrupt line rose.
    public private(set) var interruptsRaised = 0
    /// Firmware has switched the block on.
    public private(set) var isPowered = false
    /// The core's reset never ends.
    public var isResetStuck = false
    /// A disabled channel stays enabled.
    public var isHaltStuck = false
    /// GSNPSID.
    public var identity: UInt32
    /// Called before each packet with its number since the start: a test pulls plugs there.
    public var beforePacket: ((Int) -> Void)?
    /// Packets so far.
    public internal(set) var packets = 0
    /// So many packets of pipes to come vanish in the core: the channel stays enabled and nothing happens any more.
    public var lostPackets = 0
    /// Called when a channel is told to stop and has not yet, and when it has.
    public var whileStopping: (() -> Void)?
    /// The packet IDs that data packets of each endpoint had, by address and endpoint.
    public internal(set) var marks: [UInt32: [UInt32]] = [:]
    /// What translates for the slower devices behind hubs of high speed.
    public let translator: TranslatorModel

    static let channelCount = 8
    let clock: VirtualClock
    let memories: [CoherentArenaModel]
    var registers = [UInt32](repeating: 0, count: 0x1000 / 4)
    private(set) var plugged: USBFunctionModel?
    var generations = [Int](repeating: 0, count: channelCount)
    private var wasInterrupting = false
    /// Channels that ask an endpoint again and again.
    var asking: Set<Int> = []
    /// Channels that were told to stop.
    var stopping: Set<Int> = []
    /// The last packet in was shorter than it could be, or nothing is left.
    var isShort = false
    /// The frame whose beginning was last taken note of.
    private var seenFrame: UInt64 = 0
    private var isFrameAwaited = false

    /// A controller on `clock` that reaches `memories`.
    public init(_ clock: VirtualClock, memories: [CoherentArenaModel], isEmulated: Bool = false) {
        self.clock = clock
        self.memories = memories
        self.isEmulated = isEmulated
        identity = isEmulated ? 0x4F54_294A : 0x4F54_280A
        translator = TranslatorModel(clock)
        // GHWCFG2 to 4 as on the board.
        self[0x048] = 0x228D_DD50
        self[0x04C] = 0x0FF0_00E8
        self[0x050] = 0x1FF0_0020
        self[0x440] = isEmulated ? 1 << 12 : 0
        // GUSBCFG, HCFG and HFIR as firmware leaves them: for a PHY of 48 MHz and full speed.
        self[0x00C] = 0x2040_2700
        self[0x400] = 1
        self[0x404] = isEmulated ? 60_000 : 48_000
        // Left running by an earlier stage: interrupts on, a channel enabled.
        self[0x008] = 0x21
        self[0x018] = .max
        self[0x500] = 1 << 31
        isPowered = isEmulated
    }

    /// What firmware does when it is asked for the block's power.
    public func switchOn() { isPowered = true }

    subscript(offset: Int) -> UInt32 {
        get { registers[offset / 4] }
        set { registers[offset / 4] = newValue }
    }

    func note(_ violation: String) { if violations.count < 100 { violations.append(violation) } }

    // MARK: - The root port

    /// Plugs `device` in.
    public func plug(_ device: USBFunctionModel) {
        plugged = device
        if self[0x440] & 1 << 12 != 0 { connect(device) }
        update()
    }

    private func connect(_ device: USBFunctionModel) {
        self[0x440] = self[0x440] & ~(3 << 17) | device.speed << 17 | 3
    }

    /// Pulls out what is plugged in.
    public func unplug() {
        if isEmulated, !asking.isEmpty { note("unplugged while channel \(asking.min()!) asks a device: QEMU dies") }
        plugged = nil
        self[0x440] &= ~(1 | 1 << 2 | 3 << 17)
        self[0x440] |= 1 << 1 | 1 << 3
        if !isEmulated { self[0x014] |= 1 << 29 }
        update()
    }

    /// A device behind a hub is about to be pulled out.
    public func willUnplug() {
        if isEmulated, !asking.isEmpty { note("unplugged while channel \(asking.min()!) asks a device: QEMU dies") }
    }

    func device(_ address: UInt8) -> USBFunctionModel? {
        guard self[0x440] & 1 << 2 != 0 else { return nil }
        return plugged?.find(address)
    }

    // MARK: - Registers

    /// Reads a register.
    public func read(_ offset: Int) -> UInt32 {
        accesses += 1
        guard hasPower(offset) else { return 0xDEAD_BEEF }
        switch offset {
        case 0x010: return self[0x010] | (1 << 31)
        case 0x014: return status
        case 0x040: return identity
        case 0x408: return UInt32(frame & 0x3FFF)
        case 0x414: return channelsPending
        default:
            guard offset >= 0, offset < 0x1000, offset % 4 == 0 else {
                note("a read at \(offset)")
                return 0
            }
            return self[offset]
        }
    }

    private func hasPower(_ offset: Int) -> Bool {
        if !isPowered { note("register \(offset) is touched before the block has power") }
        return isPowered
    }

    /// Writes a register.
    public func write(_ value: UInt32, at offset: Int) {
        accesses += 1
        guard hasPower(offset) else { return }
        switch offset {
        case 0x010: writeReset(value)
        case 0x014:
            self[0x014] &= ~(value & 1 << 29)
            if value & 1 << 3 != 0 { seenFrame = frame }
        case 0x440: writePort(value)
        case 0x500..<0x600: writeChannel((offset - 0x500) / 0x20, (offset - 0x500) % 0x20, value)
        default:
            guard offset >= 0, offset < 0x1000, offset % 4 == 0 else { return note("a write at \(offset)") }
            self[offset] = value
        }
        update()
    }

    private func writeReset(_ value: UInt32) {
        if isResetStuck { self[0x010] = value & 1 }
        if value & 1 == 0 || isResetStuck { return }
        for channel in 0..<Self.channelCount {
            generations[channel] += 1
            asking.remove(channel)
            stopping.remove(channel)
            for register in 0..<8 { self[0x500 + 0x20 * channel + 4 * register] = 0 }
        }
        self[0x008] = 0
        self[0x018] = 0
        self[0x418] = 0
        // HFIR keeps what firmware wrote: no source says otherwise.
        if !isEmulated { self[0x440] &= ~(1 | 1 << 2 | 1 << 12) }
    }

    private func writePort(_ value: UInt32) {
        var port = self[0x440]
        port &= ~(value & 0x2A)
        if value & 1 << 2 != 0, port & 1 << 2 != 0 {
            port &= ~(1 << 2)
            port |= 1 << 3
        }
        let wasReset = port & 1 << 8 != 0
        let wasOn = port & 1 << 12 != 0
        port = port & ~(1 << 8 | 1 << 12) | value & (1 << 8 | 1 << 12)
        if wasReset, port & 1 << 8 == 0, let plugged, port & 1 << 12 != 0 {
            plugged.reset()
            translator.reset()
            port |= 1 << 2 | 1 << 3
            seenFrame = frame
        }
        self[0x440] = port
        if !wasOn, port & 1 << 12 != 0, port & 1 == 0, let plugged { connect(plugged) }
    }

    // MARK: - Interrupts

    private var status: UInt32 {
        var status = self[0x014] & 1 << 29 | 1
        if hasFrameBegun { status |= 1 << 3 }
        if portChanges { status |= 1 << 24 }
        if channelsPending & self[0x418] != 0 { status |= 1 << 25 }
        return status
    }

    private var hasFrameBegun: Bool { self[0x440] & 1 << 2 != 0 && frame != seenFrame }

    private var portChanges: Bool { self[0x440] & 0x2A != 0 }

    private var channelsPending: UInt32 {
        var pending: UInt32 = 0
        for channel in 0..<Self.channelCount {
            let base = 0x500 + 0x20 * channel
            if self[base + 8] & self[base + 0x0C] != 0 { pending |= 1 << UInt32(channel) }
        }
        return pending
    }

    /// Whether the line is high.
    public var isInterrupting: Bool { self[0x008] & 1 != 0 && status & self[0x018] & ~1 != 0 }

    func update() {
        awaitFrame()
        let now = isInterrupting
        defer { wasInterrupting = now }
        guard now, !wasInterrupting else { return }
        interruptsRaised += 1
        // Not while the register that caused it is being written.
        clock.schedule(after: interruptLatency()) { [weak self] in
            guard let self, self.isInterrupting else { return }
            self.onInterrupt?()
            if self.isInterrupting { self.note("the interrupt is not silenced") }
        }
    }

    /// Raises the line at the beginning of the next frame, when somebody wants to hear of it.
    private func awaitFrame() {
        guard self[0x018] & 1 << 3 != 0, self[0x008] & 1 != 0, self[0x440] & 1 << 2 != 0, !isFrameAwaited else {
            return
        }
        isFrameAwaited = true
        clock.schedule(after: untilNextFrame) { [weak self] in
            guard let self else { return }
            self.isFrameAwaited = false
            self.update()
        }
    }
}
