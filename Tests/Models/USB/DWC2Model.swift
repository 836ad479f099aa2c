import Interfaces

/// A DWC2 as on the BCM2711, register by register, with what is plugged into its root port.
///
/// A channel moves its packets one after the other, each in its time on the bus; what it asks a bulk endpoint that has nothing, it asks again by
/// itself. `isEmulated` makes it QEMU's: what can be done is done while the register is written, and a device that is unplugged while a
/// channel asks it is a violation (there the emulator dies).
public final class DWC2Model: RegisterModel {
    /// Like QEMU's.
    public let isEmulated: Bool
    /// What was done wrong so far, in words; at most a hundred.
    public private(set) var violations: [String] = []
    /// Called when the interrupt line rises, and as long as it is high whenever something changes.
    public var onInterrupt: (() -> Void)?
    /// Register accesses so far.
    public var accesses = 0
    /// Times the interrupt line rose.
    public private(set) var interruptsRaised = 0
    /// The core's reset never ends.
    public var isResetStuck = false
    /// A disabled channel stays enabled.
    public var isHaltStuck = false
    /// GSNPSID.
    public var identity: UInt32
    /// Called before each packet with its number since the start: a test pulls plugs there.
    public var beforePacket: ((Int) -> Void)?
    /// Packets so far.
    public private(set) var packets = 0
    /// The packet IDs that data packets of each endpoint had, by address and endpoint.
    public private(set) var marks: [UInt32: [UInt32]] = [:]

    private static let channelCount = 8
    private let clock: VirtualClock
    private let memories: [CoherentArenaModel]
    private var registers = [UInt32](repeating: 0, count: 0x1000 / 4)
    private var plugged: USBFunctionModel?
    private var generations = [Int](repeating: 0, count: channelCount)
    private var wasInterrupting = false
    /// Channels that ask an endpoint again and again.
    private var asking: Set<Int> = []

    /// A controller on `clock` that reaches `memories`.
    public init(_ clock: VirtualClock, memories: [CoherentArenaModel], isEmulated: Bool = false) {
        self.clock = clock
        self.memories = memories
        self.isEmulated = isEmulated
        identity = isEmulated ? 0x4F54_294A : 0x4F54_280A
        self[0x048] = 2 << 3 | UInt32(Self.channelCount - 1) << 14
        // Left running by firmware: interrupts on, a channel enabled.
        self[0x008] = 0x21
        self[0x018] = .max
        self[0x500] = 1 << 31
    }

    private subscript(offset: Int) -> UInt32 {
        get { registers[offset / 4] }
        set { registers[offset / 4] = newValue }
    }

    func note(_ violation: String) { if violations.count < 100 { violations.append(violation) } }

    // MARK: - The root port

    /// Plugs `device` in.
    public func plug(_ device: USBFunctionModel) {
        plugged = device
        self[0x440] = self[0x440] & ~(3 << 17) | device.speed << 17 | 3
        update()
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

    private func device(_ address: UInt8) -> USBFunctionModel? {
        guard self[0x440] & 1 << 2 != 0 else { return nil }
        return plugged?.find(address)
    }

    // MARK: - Registers

    /// Reads a register.
    public func read(_ offset: Int) -> UInt32 {
        accesses += 1
        switch offset {
        case 0x010: return self[0x010] | (1 << 31)
        case 0x014:
            return self[0x014] & (1 << 29) | 1 | (portChanges ? 1 << 24 : 0) | (channelsPending != 0 ? 1 << 25 : 0)
        case 0x040: return identity
        case 0x408: return UInt32(clock.now.nanoseconds / 125_000 & 0x3FFF)
        case 0x414: return channelsPending
        default:
            guard offset >= 0, offset < 0x1000, offset % 4 == 0 else {
                note("a read at \(offset)")
                return 0
            }
            return self[offset]
        }
    }

    /// Writes a register.
    public func write(_ value: UInt32, at offset: Int) {
        accesses += 1
        switch offset {
        case 0x010: writeReset(value)
        case 0x014: self[0x014] &= ~(value & 1 << 29)
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
            for register in 0..<8 { self[0x500 + 0x20 * channel + 4 * register] = 0 }
        }
        self[0x008] = 0
        self[0x018] = 0
        self[0x418] = 0
        if !isEmulated { self[0x440] &= ~(1 << 2 | 1 << 12) }
    }

    private func writePort(_ value: UInt32) {
        var port = self[0x440]
        port &= ~(value & 0x2A)
        if value & 1 << 2 != 0, port & 1 << 2 != 0 {
            port &= ~(1 << 2)
            port |= 1 << 3
        }
        let wasReset = port & 1 << 8 != 0
        port = port & ~(1 << 8 | 1 << 12) | value & (1 << 8 | 1 << 12)
        if wasReset, port & 1 << 8 == 0, let plugged, port & 1 << 12 != 0 {
            plugged.reset()
            port |= 1 << 2 | 1 << 3
        }
        self[0x440] = port
    }

    private func writeChannel(_ channel: Int, _ register: Int, _ value: UInt32) {
        guard channel < Self.channelCount else { return note("channel \(channel)") }
        let base = 0x500 + 0x20 * channel
        switch register {
        case 0x00:
            let old = self[base]
            if value & 1 << 30 != 0 {
                if isHaltStuck { return }
                if old & 1 << 31 != 0 { halt(channel, 0) }
                generations[channel] += 1
                return
            }
            self[base] = value
            guard value & 1 << 31 != 0 else { return }
            if old & 1 << 31 != 0 { return note("channel \(channel) is enabled while it works") }
            if self[0x008] & 1 << 5 == 0 { note("a channel works without DMA") }
            generations[channel] += 1
            if isEmulated { asking.remove(channel) }
            start(channel)
        case 0x08: self[base + 8] &= ~value
        default:
            if self[base] & 1 << 31 != 0, register != 0x0C { note("channel \(channel) is changed while it works") }
            self[base + register] = value
        }
    }

    // MARK: - Interrupts

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
    public var isInterrupting: Bool {
        guard self[0x008] & 1 != 0 else { return false }
        var status = self[0x014] & 1 << 29
        if portChanges { status |= 1 << 24 }
        if channelsPending & self[0x418] != 0 { status |= 1 << 25 }
        return status & self[0x018] != 0
    }

    private func update() {
        let now = isInterrupting
        defer { wasInterrupting = now }
        guard now, !wasInterrupting else { return }
        interruptsRaised += 1
        // Not while the register that caused it is being written.
        clock.schedule(after: .nanoseconds(100)) { [weak self] in
            guard let self, self.isInterrupting else { return }
            self.onInterrupt?()
            if self.isInterrupting { self.note("the interrupt is not silenced") }
        }
    }

    // MARK: - Channels

    private func field(_ channel: Int, _ register: Int, _ low: UInt32, _ bits: UInt32) -> UInt32 {
        self[0x500 + 0x20 * channel + register] >> low & (1 << bits - 1)
    }

    /// Time for a packet with data on the bus.
    private func duration(_ channel: Int) -> Interval {
        let isLow = field(channel, 0, 17, 1) == 1
        let isFull = (plugged?.speed ?? 1) != 0 || field(channel, 4, 31, 1) == 1
        return isLow ? .microseconds(300) : isFull ? .microseconds(50) : .microseconds(10)
    }

    private func start(_ channel: Int) {
        if isEmulated { return step(channel, generations[channel], isFirst: true) }
        schedule(channel, duration(channel))
    }

    private func schedule(_ channel: Int, _ delay: Interval) {
        let generation = generations[channel]
        clock.schedule(after: delay) { [weak self] in self?.step(channel, generation, isFirst: false) }
    }

    private func halt(_ channel: Int, _ causes: UInt32) {
        asking.remove(channel)
        self[0x500 + 0x20 * channel] &= ~(1 << 31)
        self[0x508 + 0x20 * channel] |= causes | 2
        update()
    }

    /// One packet.
    private func step(_ channel: Int, _ generation: Int, isFirst: Bool) {
        guard generations[channel] == generation, field(channel, 0, 31, 1) == 1 else { return }
        packets += 1
        beforePacket?(packets)
        let address = UInt8(field(channel, 0, 22, 7))
        guard let device = device(address) else {
            // QEMU's never tells; on the bus nobody answers.
            if !isEmulated { halt(channel, 1 << 7) }
            return
        }
        if let end = splitHalf(channel, device) { return halt(channel, end) }
        let kind = field(channel, 0, 18, 2)
        switch packet(channel, device) {
        case .nak:
            self[0x508 + 0x20 * channel] |= 1 << 4
            if kind == 3 { return halt(channel, 1 << 4) }
            // Out and requests come back to the driver; in goes on by itself.
            if !isEmulated, field(channel, 0, 15, 1) == 0 || kind == 0 || field(channel, 4, 31, 1) == 1 {
                return halt(channel, 1 << 4)
            }
            asking.insert(channel)
            schedule(channel, .microseconds(250))
        case .stall: halt(channel, 1 << 3)
        case .silence: halt(channel, 1 << 7)
        case .ack, .data: finishPacket(channel)
        }
    }

    private func finishPacket(_ channel: Int) {
        asking.remove(channel)
        if self[0x500 + 0x20 * channel] & 1 << 31 == 0 { return }
        if field(channel, 0x10, 19, 10) == 0 || isShort { return halt(channel, 1 | 1 << 5) }
        schedule(channel, isEmulated ? .microseconds(250) : duration(channel))
    }

    /// The last packet in was shorter than it could be, or nothing is left.
    private var isShort = false

    /// The first half of a split transaction, which moves nothing; nil when the packet itself is due.
    private func splitHalf(_ channel: Int, _ device: USBFunctionModel) -> UInt32? {
        let split = self[0x504 + 0x20 * channel]
        let isNeeded = plugged?.speed == 0 && device.speed != 0
        guard split >> 31 == 1 else {
            if isNeeded { note("no split for a slower device behind a hub of high speed") }
            return nil
        }
        if !isNeeded { note("a split for a device that needs none") }
        if split >> 16 & 1 == 0 {
            splitReady[channel] = clock.now + .microseconds(200)
            return 1 << 5
        }
        // Too early for the hub: not yet.
        return clock.now < splitReady[channel] ? 1 << 6 : nil
    }

    private var splitReady = [Instant](repeating: Instant(nanoseconds: 0), count: channelCount)

    /// Moves one packet.
    private func packet(_ channel: Int, _ device: USBFunctionModel) -> USBAnswer {
        let base = 0x500 + 0x20 * channel
        let size = Int(field(channel, 0, 0, 11))
        let number = UInt8(field(channel, 0, 11, 4))
        let isIn = field(channel, 0, 15, 1) == 1
        let left = Int(field(channel, 0x10, 0, 19))
        let mark = field(channel, 0x10, 29, 2)
        if field(channel, 0x10, 19, 10) == 0 { note("channel \(channel) has no packets to move") }
        if self[base + 0x14] % 4 != 0 { note("channel \(channel) uses memory at an odd place") }
        isShort = false
        if !isIn {
            let count = min(left, size)
            let data = memoryRead(self[base + 0x14], count)
            let answer = mark == 3 ? device.takeSetup(data) : device.take(data, at: number)
            if answer == .ack { advance(channel, count, mark, isIn: false) }
            return answer
        }
        if left % size != 0, left != 0, !isEmulated { note("channel \(channel) asks for a part of a packet") }
        // In one go: as QEMU does it with what is not small.
        var answer = device.give(size, from: number)
        guard case .data(let data) = answer else { return answer }
        if data.count > left || data.count > size {
            halt(channel, 1 << 8)
            return .ack
        }
        memoryWrite(self[base + 0x14], data)
        isShort = data.count < size
        advance(channel, data.count, mark, isIn: true)
        answer = .ack
        return answer
    }

    private func advance(_ channel: Int, _ count: Int, _ mark: UInt32, isIn: Bool) {
        let base = 0x500 + 0x20 * channel
        let packets = field(channel, 0x10, 19, 10)
        let left = Int(field(channel, 0x10, 0, 19))
        // DATA0 and DATA1 take turns; after a setup comes DATA1. QEMU's leaves the mark alone.
        let next: UInt32 = isEmulated ? mark : mark == 3 ? 2 : mark ^ 2
        self[base + 0x10] = next << 29 | UInt32(max(Int(packets) - 1, 0)) << 19 | UInt32(left - count)
        self[base + 0x14] &+= UInt32(count)
        if mark != 3 {
            let endpoint = field(channel, 0, 11, 4) << 1 | (isIn ? 1 : 0)
            if endpoint > 1 { marks[field(channel, 0, 22, 7) << 8 | endpoint, default: []].append(mark) }
        }
    }

    // MARK: - Memory

    /// The alias through which the controller sees memory.
    static let alias: UInt64 = 0xC000_0000

    private func memoryRead(_ address: UInt32, _ count: Int) -> [UInt8] {
        if count == 0 { return [] }
        let place = UInt64(address) &- Self.alias
        guard let memory = memories.first(where: { $0.contains(place, count: count) }) else {
            note("a read of memory that is nobody's")
            return [UInt8](repeating: 0, count: count)
        }
        return memory.deviceRead(place, count: count)
    }

    private func memoryWrite(_ address: UInt32, _ data: [UInt8]) {
        if data.isEmpty { return }
        let place = UInt64(address) &- Self.alias
        guard let memory = memories.first(where: { $0.contains(place, count: data.count) }) else {
            return note("a write to memory that is nobody's")
        }
        memory.deviceWrite(data, at: place)
    }
}
