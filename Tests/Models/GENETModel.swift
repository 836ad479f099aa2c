import Interfaces

/// A GENET version 5 as on the BCM2711, register by register, with a PHY behind it and a cable.
///
/// Ring 16 of both engines works; the errata that drivers must live with are there: indices that survive, a FIFO that no reset empties, a
/// MAC that needs clocks for its reset, a receiver that saving energy wedges. It goes on by itself when nobody looks: it writes
/// frames to memory, sends pause frames while the ring is full, and obeys those it receives. Registers hold bits without a name, by the
/// seed, that are not to be changed.
public final class GENETModel: RegisterModel {
    /// A frame in the receive FIFO: what will be written to memory, and how the descriptor's status looks.
    struct Queued {
        var data: [UInt8]
        var status: UInt32
        /// Left by an earlier stage: it has no status block.
        var isStale = false
    }

    // MARK: What tests set

    /// Register accesses so far, without those of the MDIO bus.
    public var accesses = 0
    /// The indices do not take a zero (erratum E2).
    public var hasStickyIndices = false
    /// The engines never report that they have stopped.
    public var isStopStuck = false
    /// The transmitter takes nothing any more, until it is stopped and flushed (erratum E10).
    public var isTransmitterStuck = false
    /// MDIO reads that fail from now on; and a bus that stays busy.
    public var managementFailures = 0
    /// MDIO_CMD stays busy.
    public var isManagementStuck = false
    /// MDIO_CMD stays busy until the next command: a reset has cut the last one off.
    public var isManagementCutOff = false
    /// What the version register says.
    public var revision: UInt32 = 0x0600_0000
    /// Whether sent frames come back.
    public var isLooped = false
    /// Whether anything is kept of sent frames.
    public var keepsSent = true
    /// Whether the pins let frames pass (GPIO, offset 0xD0).
    public var isGateOpen = true
    /// Received frames from now on whose sum in the status block is wrong (raspberrypi/linux#4184).
    public var wrongSums = 0
    /// How long a frame takes from the FIFO to memory; nil: no time.
    public var receiveTime: Interval?

    // MARK: What tests ask

    /// What was done wrong so far, in words; at most a hundred.
    public var violations: [String] { ownViolations + phy.violations }
    /// Frames on the cable, without their checksum.
    public internal(set) var sent: [[UInt8]] = []
    /// Frames on the cable so far.
    public internal(set) var sentCount = 0
    /// Frames that left with a wrong checksum, because the transmit clock is delayed not at all, or twice.
    public internal(set) var spoiledCount = 0
    /// Pause frames on the cable so far.
    public internal(set) var pausesSent = 0
    /// Those without a time, which let the partner go on.
    public internal(set) var releasesSent = 0
    /// Frames written to memory so far.
    public internal(set) var memoryWrites = 0
    /// Of these, to memory that the model does not know: an earlier stage's.
    public internal(set) var foreignWrites = 0
    /// Times that an engine was enabled, and that transmitter or receiver were.
    public private(set) var enables = 0
    /// Times the interrupt line rose.
    public private(set) var interruptsRaised = 0
    /// Called when the interrupt line rises.
    public var onInterrupt: (() -> Void)?
    /// The PHY.
    public let phy: PHYModel

    let clock: VirtualClock
    let memory: CoherentArenaModel
    var registers = [UInt32](repeating: 0, count: 0x1_0000 / 4)
    var fifo: [Queued] = []
    var isWedged = false
    /// A test has changed an index.
    var isCorrupted = false
    /// The driver's rings are at work, no longer the firmware's, whose buffers are elsewhere.
    var hasDriver = false
    /// The MAC came out of a reset without clocks: it takes frames and sends nothing (erratum E6).
    var isTransmitterDead = false
    var isTransmitting = false
    var isReceiving = false
    /// Until when the partner has paused the transmitter.
    var pausedUntil = Instant(nanoseconds: 0)
    /// The partner was paused, and will be again while the ring is full.
    var isPausingPartner = false
    var unsignalled = 0
    var unsignalledSent = 0
    /// Of the two engines: counts their stops, so that what was under way ends.
    var generation = 0
    var stopTimes: [2 of Instant] = .init(repeating: Instant(nanoseconds: 0))
    private var ownViolations: [String] = []
    private var statuses: [2 of UInt32] = [0, 0]
    private var masks: [2 of UInt32] = [.max, .max]
    private var wasInterrupting = false
    private var managementReady = Instant(nanoseconds: 0)
    /// DMA_STATUS bit 18, which tells of the descriptors' memory.
    let descriptorBusy: UInt32

    /// A controller on `clock` that reaches `memory`.
    ///
    /// - Parameter isNetbooted: firmware has used it: engines that were stopped or not, interrupts on, indices that will not be zero, a frame
    ///   in the FIFO, and every register that a driver might take for granted another.
    public init(_ clock: VirtualClock, memory: CoherentArenaModel, isNetbooted: Bool = false, seed: UInt64 = 1) {
        self.clock = clock
        self.memory = memory
        phy = PHYModel(clock, seed: seed)
        descriptorBusy = UInt32(seed & 1) << 18
        setResetValues(seed)
        if !isNetbooted { return }
        leaveNetboot(seed)
        masks = [0, 0]
        statuses = [1 << 13, 1 << 16]
    }

    // MARK: - Registers

    subscript(offset: Int) -> UInt32 {
        get { registers[offset / 4] }
        set { registers[offset / 4] = newValue }
    }

    func note(_ violation: String) { if ownViolations.count < 100 { ownViolations.append(violation) } }

    /// Reads a register.
    public func read(_ offset: Int) -> UInt32 {
        guard isRegister(offset) else { return 0 }
        switch offset {
        case 0x000: return revision
        case 0x200, 0x240: return statuses[(offset - 0x200) / 0x40]
        case 0x20C, 0x24C: return masks[(offset - 0x20C) / 0x40]
        case 0xE14: return managementRegister
        case 0x3048, 0x5048: return engineState(offset)
        default: return self[offset]
        }
    }

    /// Writes a register.
    public func write(_ value: UInt32, at offset: Int) {
        guard isRegister(offset) else { return }
        checkReserved(value, offset)
        switch offset {
        case 0x008: writeFlush(value)
        case 0x204, 0x244, 0x208, 0x248, 0x210, 0x250, 0x214, 0x254: writeInterrupts(value, offset)
        case 0x808: writeCommand(value)
        case 0xB34:
            if value & 1 != 0 { (isTransmitterStuck, pausedUntil) = (false, clock.now) }
        case 0xD80: if value != 0 { for register in stride(from: 0xC00, to: 0xD10, by: 4) { self[register] = 0 } }
        case 0xE14: writeManagement(value)
        case 0x3008: writeHardwareIndex(value, offset, engine: 0x3044)
        case 0x5008: writeHardwareIndex(value, offset, engine: 0x5044)
        case 0x3044, 0x5044: writeEngine(value, offset)
        case 0x300C:
            self[offset] = value
            pump()
            pausePartner()
        case 0x500C:
            self[offset] = value
            transmitNext()
        default: self[offset] = value
        }
    }

    private func isRegister(_ offset: Int) -> Bool {
        clock.advance(by: .nanoseconds(100))
        if offset != 0xE14 { accesses += 1 }
        if offset >= 0 && offset < 0x1_0000 && offset % 4 == 0 { return true }
        note("no register at \(offset)")
        return false
    }

    private func writeFlush(_ value: UInt32) {
        self[0x008] = value
        if value & 1 != 0 {
            fifo = []
            isWedged = false
        }
        if value & 2 != 0 { self[0x808] = 0 }
    }

    private func writeCommand(_ value: UInt32) {
        let resetEnds = self[0x808] & 1 << 13 != 0 && value & 1 << 13 == 0
        // The clock comes from the port that is selected: the PHY's, or for the loop the MAC's own.
        let hasClocks = self[0x004] == 3 && self[0x08C] & 1 << 6 != 0 && (phy.hasLink || self[0x808] & 1 << 15 != 0)
        if resetEnds { isTransmitterDead = !hasClocks }
        if value & 1 << 13 == 0 && value & 3 & ~self[0x808] != 0 { enables += 1 }
        self[0x808] = value
        pump()
        transmitNext()
        pausePartner()
    }

    /// Erratum E2, and the upper half of the receiver's index, which a write clears without touching the lower.
    private func writeHardwareIndex(_ value: UInt32, _ offset: Int, engine: Int) {
        let keepsCounter = hasStickyIndices || self[engine] & 1 != 0
        self[offset] = value & 0xFFFF_0000 | (keepsCounter ? self[offset] & 0xFFFF : value & 0xFFFF)
    }

    private func writeEngine(_ value: UInt32, _ offset: Int) {
        let starts = value & 0x2_0001 == 0x2_0001 && self[offset] & 1 == 0
        if value & 1 == 0 && self[offset] & 1 != 0 {
            stopTimes[offset == 0x3044 ? 0 : 1] = clock.now + .microseconds(40)
        }
        self[offset] = value
        if value & 1 == 0 {
            generation += 1
            (isTransmitting, isReceiving) = (false, false)
        } else {
            enables += 1
        }
        guard starts else { return }
        hasDriver = true
        checkSettings()
        let base = offset - 0x1044
        if self[offset + 8] != 8 { note("DMA enabled with a burst size of \(self[offset + 8])") }
        for index in 0..<256 where !memory.contains(address(base, index), count: 2048) {
            note("DMA enabled while descriptor \(index) points nowhere")
        }
        // Erratum E5.
        if offset == 0x3044 && (self[0x39C] & 3 != 0 || self[0x864] & 8 != 0) { isWedged = true }
        pump()
        transmitNext()
    }

    /// DMA_STATUS: bit 0 for the engine, which takes a moment to stop, bit n + 1 for ring n. A paused transmitter with frames does not stop.
    private func engineState(_ offset: Int) -> UInt32 {
        let control = self[offset - 4]
        let rings = ~(control & 1 != 0 ? control : 0) & 0x3_FFFE
        let isHeld = offset == 0x5048 && isTransmitterPaused && self[0x5008] & 0xFFFF != self[0x500C] & 0xFFFF
        let hasStopped = control & 1 == 0 && clock.now >= stopTimes[offset == 0x3048 ? 0 : 1]
        return rings | descriptorBusy | (hasStopped && !isStopStuck && !isHeld ? 1 : 0)
    }

    func address(_ base: Int, _ index: Int) -> UInt64 {
        UInt64(self[base + 12 * index + 8] & 0xFF) << 32 | UInt64(self[base + 12 * index + 4])
    }

    // MARK: - Interrupts

    /// Whether the line is high.
    public var isInterrupting: Bool { statuses[0] & ~masks[0] != 0 || statuses[1] & ~masks[1] != 0 }

    func raise(_ bit: UInt32) {
        statuses[0] |= 1 << bit
        updateInterrupt()
    }

    private func writeInterrupts(_ value: UInt32, _ offset: Int) {
        let bank = (offset - 0x200) / 0x40
        switch offset & 0x3F {
        case 0x04: statuses[bank] |= value
        case 0x08: statuses[bank] &= ~value
        case 0x10: masks[bank] |= value
        default: masks[bank] &= ~value
        }
        updateInterrupt()
    }

    private func updateInterrupt() {
        let isHigh = isInterrupting
        defer { wasInterrupting = isHigh }
        if !isHigh || wasInterrupting { return }
        interruptsRaised += 1
        wasInterrupting = true
        onInterrupt?()
    }

    // MARK: - MDIO

    private var managementRegister: UInt32 {
        if isManagementStuck || isManagementCutOff || clock.now < managementReady { return self[0xE14] | 1 << 29 }
        return self[0xE14] & ~(1 << 29)
    }

    private func writeManagement(_ value: UInt32) {
        if isManagementCutOff {
            isManagementCutOff = false
        } else if managementRegister & 1 << 29 != 0 && !isManagementStuck {
            note("MDIO_CMD written while busy")
        }
        self[0xE14] = value
        if value & 1 << 29 == 0 { return }
        managementReady = clock.now + .microseconds(25)
        let register = UInt8(value >> 16 & 0x1F)
        let isThere = UInt8(value >> 21 & 0x1F) == phy.address
        if value >> 26 & 3 == 1 {
            if isThere { phy.write(UInt16(value & 0xFFFF), to: register) }
            return
        }
        let fails = !isThere || managementFailures > 0
        if managementFailures > 0 { managementFailures -= 1 }
        self[0xE14] = value & 0xFFFF_0000 | (fails ? 1 << 28 | 0xFFFF : UInt32(phy.read(register)))
    }
}
