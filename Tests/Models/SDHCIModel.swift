import Interfaces

/// An SD host controller as on the BCM2711, with a slot.
///
/// It takes time for everything, loses writes that come within two periods of a slow card clock, latches only the status bits that are
/// enabled, and sends no command while the card has no clock.
public final class SDHCIModel: RegisterModel {
    /// The card in the slot.
    public var card: SDCardModel?
    /// Whether the slot has a switch that tells of a card (QEMU's has, the board's has not).
    public var hasCardDetect = false
    /// The base clock in Hz.
    public let baseClock: UInt32
    /// The capabilities.
    public var capabilities: UInt32 = 0x45EE_6432
    /// The reset bits never go away.
    public var isResetStuck = false
    /// Loses writes while the card's clock is slow, as the board's does and QEMU's does not.
    public var losesWrites = true
    /// The internal clock never gets stable.
    public var isClockStuck = false
    /// Transfer complete comes together with a data timeout.
    public var reportsTimeoutWithCompletion = false
    /// Takes the card out in the middle of this block.
    public var removesCardAtBlock: UInt64?
    /// The upper word of the capabilities.
    public var speedCapabilities: UInt32 = 0x0000_A525
    /// The memory the controller reaches by itself.
    public var memories: [CoherentArenaModel] = []
    /// Where it finds that.
    public var window = DMAWindow(physical: 0..<1 << 32, bus: 0)
    /// Data lines between controller and card.
    public var connectedLines = 8
    /// There is memory wherever the controller writes, somebody else's: nothing raises an error.
    public var hasForeignMemory = false
    /// Writes to it, each a disaster.
    public internal(set) var foreignWrites = 0
    /// Transfers whose data goes elsewhere, each once, without an error.
    public var misplacedTransfers = 0
    var isMisplaced = false
    /// Lists of descriptors that fail, each once.
    public var admaFaults = 0
    /// The interrupt line: called when it goes up. The handler is to take it down.
    public var interrupt: (() -> Void)?
    /// Interrupts so far.
    public internal(set) var interrupts = 0
    /// CMD19s until the sampling clock is found; more than 40 never.
    public var tuningBlocks = 7
    /// Whether the board can bring the signals to 1.8 V, and has.
    public var supplyIsAt1V8 = false
    /// Whether the board gives the card its supply.
    public var supplyIsOn = true { didSet { notePower() } }
    /// Since when the card has had neither supply nor clock nor anything on its lines.
    var unpoweredSince: Instant?
    /// At DDR50 data is sampled right only after tuning.
    public var needsTuningAtDDR50 = true
    /// What reads back in bits that no document names, and what a reset leaves where documents disagree.
    public var seed: UInt64 = 1
    /// The controller does not follow to 1.8 V.
    public var refuses1V8 = false
    /// Commands that moved data by descriptors.
    public internal(set) var dmaTransfers = 0
    var list = DescriptorCursor()
    private var lineIsUp = false
    var tuningLeft = 0
    /// When the card's clock was last stopped.
    private var clockStopped: Instant?
    /// Commands that were written while the card had no clock.
    public private(set) var refusedCommands = 0
    /// Writes lost to the erratum.
    public private(set) var lostWrites = 0
    /// What was done wrong so far, in words.
    public internal(set) var violations: [String] = []
    /// The fastest clock the card ever got, in Hz.
    public private(set) var fastestClock: UInt32 = 0
    /// The clock of each command, in Hz.
    public private(set) var commandClocks: [UInt32] = []

    let clock: VirtualClock
    var blockSizeAndCount: UInt32 = 0
    private var argument: UInt32 = 0
    var command: UInt32 = 0
    var response: [4 of UInt32] = [0, 0, 0, 0]
    var hostControl: UInt32 = 0
    var clockControl: UInt32 = 0
    var hostControl2: UInt32 = 0x0008_0000
    var status: UInt32 = 0
    private var statusEnable: UInt32 = 0
    private var signalEnable: UInt32 = 0
    private var isCommandInhibited = false
    var isDataInhibited = false
    var fifo: [UInt8] = []
    var isReading = false
    var blocksLeft = 0
    var blocksDone: UInt64 = 0
    private var lastWrite: Instant?
    /// Changes when a reset makes what is under way void.
    private var commandGeneration = 0
    var dataGeneration = 0

    /// A controller on `clock` with `card` in its slot, as firmware leaves it: clock on, status bits set.
    public init(_ clock: VirtualClock, card: SDCardModel?, baseClock: UInt32 = 100_000_000) {
        self.clock = clock
        self.card = card
        self.baseClock = baseClock
        clockControl = 0x000E_0107
        hostControl = 0x0000_0F06
        status = 0x0000_0003
        isDataInhibited = true
    }

    /// Bits of no meaning: those of `mask`, by the seed.
    private func reserved(_ mask: UInt32) -> UInt32 {
        var generator = SeededGenerator(seed: seed)
        return UInt32(truncatingIfNeeded: generator.next()) & mask
    }

    // MARK: - Clock

    private var divider: UInt32 { (clockControl >> 8 & 0xFF) | (clockControl >> 6 & 3) << 8 }
    var hasCardClock: Bool { clockControl & 7 == 7 }
    var hasBusPower: Bool { hostControl >> 8 & 1 != 0 }
    private var isPowered: Bool { hostControl >> 8 & 0xF == 0xF && supplyIsOn }

    /// The card's clock in Hz; 0 while it is off.
    public var cardClock: UInt32 { hasCardClock ? (divider == 0 ? baseClock : baseClock / (2 * divider)) : 0 }

    func periods(_ count: UInt64) -> Interval {
        .nanoseconds(count * 1_000_000_000 / UInt64(max(cardClock, 1)))
    }

    // MARK: - Registers

    /// Reads a register.
    public func read(_ offset: Int) -> UInt32 {
        clock.advance(by: .nanoseconds(20))
        switch offset {
        case 0x04: return blockSizeAndCount
        case 0x08: return argument
        case 0x0C: return command
        case 0x10, 0x14, 0x18, 0x1C: return response[(offset - 0x10) / 4]
        case 0x20: return takeWord()
        case 0x24: return presentState
        // Bit 23 reads 1, whatever was written (measured on a board).
        case 0x28: return hostControl | 1 << 23
        case 0x2C: return clockControl | reserved(0xF8F0_0018)
        case 0x30: return status & 0xFFFF_0000 != 0 ? status | 1 << 15 : status
        case 0x34: return statusEnable
        case 0x38: return signalEnable
        case 0x3C: return hostControl2
        case 0x40: return capabilities
        case 0x44: return speedCapabilities
        case 0x48: return 0x0008_0008
        case 0x54: return list.error
        case 0x58: return list.start
        case 0xFC: return 0x1002_0000
        default:
            violations.append("read of offset \(offset)")
            return 0
        }
    }

    /// Writes a register.
    public func write(_ value: UInt32, at offset: Int) {
        clock.advance(by: .nanoseconds(20))
        if offset == 0x20 {
            putWord(value)
            return
        }
        defer { lastWrite = clock.now }
        let rate = min(cardClock == 0 ? 400_000 : cardClock, baseClock)
        if losesWrites, let lastWrite, rate <= 400_000,
            (clock.now - lastWrite).nanoseconds < 2_000_000_000 / UInt64(rate)
        {
            lostWrites += 1
            return
        }
        switch offset {
        case 0x04: blockSizeAndCount = value
        case 0x08: argument = value
        case 0x0C: start(value)
        case 0x28:
            hostControl = value & ~(1 << 23)
            notePower()
        case 0x2C: setClockControl(value)
        case 0x30:
            status &= ~value
            updateLine()
        case 0x34: statusEnable = value
        case 0x38:
            signalEnable = value
            updateLine()
        case 0x3C: setHostControl2(value & 0xFFFF_0000)
        case 0x58: list.start = value
        default: violations.append("write to offset \(offset)")
        }
    }

    private var presentState: UInt32 {
        // A card that switches its voltage holds its lines low until everybody else has.
        let isHeldLow = card?.holdsLinesLow(at: clock.now) == true
        // As measured with and without a card: inserted, stable, not protected, all lines high.
        var state: UInt32 = isHeldLow ? 0x000F_0000 : 0x1FEF_0000
        if isCommandInhibited { state |= 1 << 0 }
        if isDataInhibited { state |= 1 << 1 }
        if hasCardDetect, card == nil { state &= ~(1 << 16) }
        if !isHeldLow, card?.isBusy(at: clock.now) != true { state |= 1 << 20 }
        return state | reserved(0xE000_F000)
    }

    func raise(_ bits: UInt32) {
        status |= bits & statusEnable
        updateLine()
    }

    private func updateLine() {
        let isUp = status & signalEnable != 0
        defer { lineIsUp = status & signalEnable != 0 }
        guard isUp, !lineIsUp else { return }
        lineIsUp = true
        interrupts += 1
        interrupt?()
        if status & signalEnable != 0 { violations.append("the interrupt's handler left it pending") }
    }

    private func setClockControl(_ value: UInt32) {
        let wasOn = hasCardClock
        let isStable: UInt32 = value & 1 != 0 && !isClockStuck ? 2 : 0
        if wasOn && value & 4 != 0 && value & 0xFFC0 != clockControl & 0xFFC0 {
            violations.append("divider changed while the card's clock is on")
        }
        clockControl = value & ~2 | isStable
        if wasOn, !hasCardClock {
            clockStopped = clock.now
            card?.clockStops(at: clock.now)
        }
        notePower()
        if !wasOn, hasCardClock, card?.isSwitchingVoltage == true {
            // Five milliseconds of no clock, and 1.8 V on both sides.
            let rest = clockStopped.map { clock.now - $0 } ?? .nanoseconds(0)
            if rest >= .milliseconds(5), supplyIsAt1V8, hostControl2 & 1 << 19 != 0 { card?.finishVoltageSwitch() }
        }
        fastestClock = max(fastestClock, cardClock)
        if hasCardClock && cardClock < 200_000 { violations.append("clock of \(cardClock) Hz hangs identification") }
        let resets = value >> 24 & 7
        if resets == 0 { return }
        if resets & 1 != 0 {
            status = 0
            statusEnable = 0
            signalEnable = 0
            hostControl = 0
            hostControl2 = reserved(0x0008_0000)
            clockControl = value & 0x0700_0000
            notePower()
        }
        if resets & 3 != 0 {
            isCommandInhibited = false
            commandGeneration += 1
        }
        if resets & 5 != 0 {
            isDataInhibited = false
            dataGeneration += 1
            fifo = []
            blocksLeft = 0
        }
        if !isResetStuck { clock.schedule(after: .microseconds(3)) { [self] in clockControl &= ~0x0700_0000 } }
    }

    // MARK: - Commands

    private func start(_ value: UInt32) {
        command = value
        guard hasCardClock else {
            refusedCommands += 1
            return
        }
        let index = value >> 24 & 0x3F
        if isCommandInhibited { violations.append("command \(index) while another is under way") }
        let isTuning = hostControl2 & 1 << 22 != 0 && (index == 19 || index == 21)
        if isDataInhibited && value >> 21 & 1 != 0 && !isTuning {
            violations.append("command \(index) while data moves")
        }
        if clockControl & 0x0700_0000 != 0 { violations.append("command \(index) during a reset") }
        commandClocks.append(cardClock)
        isCommandInhibited = true
        let generation = commandGeneration
        clock.schedule(after: periods(48 + 8 + 48)) { [self] in
            if generation == commandGeneration { finish(value, index) }
        }
    }

    private func finish(_ value: UInt32, _ index: UInt32) {
        let kind = value >> 16 & 3
        if card?.isAt1V8 == false && card?.isHighSpeed == true && cardClock > 25_000_000 && hostControl & 4 == 0 {
            violations.append("high speed clock without high speed timing")
        }
        let answer = isPowered && !isTooFast ? card?.receive(index, argument, at: clock.now) ?? .silence : .silence
        switch answer {
        case .silence:
            if kind != 0 {
                raise(1 << 16)
                return
            }
        case .short(let bits): response[0] = bits
        case .long(let words): response = words
        }
        if let count = card?.garbledAnswers[index], count > 0 {
            card?.garbledAnswers[index] = count - 1
            raise(1 << 17)
            return
        }
        isCommandInhibited = false
        raise(1 << 0)
        if index == 19 && hostControl2 & 1 << 22 != 0 {
            card?.endTuningBlock()
            return tune()
        }
        if value >> 21 & 1 != 0 { startData(value) } else if kind == 3 { awaitBusy() }
    }
}
