import Interfaces

/// An SD card: its states, registers, blocks, and what can be wrong with it.
public final class SDCardModel {
    /// The generations of cards.
    public enum Kind: Sendable, CaseIterable {
        /// Standard capacity, specification 1.x: does not know CMD8.
        case standardVersion1
        /// Standard capacity, specification 2.00 and later.
        case standard
        /// High or extended capacity.
        case highCapacity
        /// Soldered in: an eMMC.
        case embedded

        /// Those that go into a slot.
        public static var cards: [Kind] { [.standardVersion1, .standard, .highCapacity] }
    }

    /// The card's states (SD Physical Layer Simplified Specification 6.00, 4.1 and 4.8.1), by their codes.
    public enum State: UInt32, Sendable {
        case idle = 0
        case ready = 1
        case identification = 2
        case standby = 3
        case transfer = 4
        case sending = 5
        case receiving = 6
        case programming = 7
    }

    /// What a command is answered with.
    public enum Answer {
        /// Nothing: unknown here, or in this state.
        case silence
        /// 32 bits between index and CRC.
        case short(UInt32)
        /// Bits 127 to 8.
        case long([4 of UInt32])
    }

    /// What a block meets on the DAT lines.
    public enum BlockFault: Sendable {
        /// Its CRC is wrong.
        case checksum
        /// It never comes, or is never acknowledged.
        case timeout
        /// It comes through, and the card reports this error bit in its status afterwards.
        case status(UInt32)
    }

    // MARK: - What it is

    /// Its generation.
    public let kind: Kind
    /// Its size in blocks of 512 bytes.
    public let blockCount: UInt64
    /// Its serial number: tells cards apart.
    public var serialNumber: UInt32 = 0x1234_5678
    /// CSD: the temporary write protection.
    public var isWriteProtected = false
    /// Refuses writes by an error in the status, as a protected group does.
    public var hasProtectedGroups = false
    /// Knows high speed.
    public var hasHighSpeed = true
    /// CSD: knows how to erase.
    public var canErase = true
    /// CSD: erases in units of this many blocks (standard capacity only).
    public var eraseUnit: UInt64 = 1
    /// SCR: knows four data lines.
    public var hasFourBits = true
    /// SCR: knows CMD23.
    public var hasSetBlockCount = true
    /// Says that it knows CMD23, and does not.
    public var refusesSetBlockCount = false
    /// Goes to 1.8 V.
    public var has1V8 = false
    /// CMD6: the functions of group 1 it has at 1.8 V, a bit for each.
    public var functions: UInt16 = 0b1_1111
    /// CSD: protected for ever.
    public var isPermanentlyWriteProtected = false

    /// Of an eMMC: knows eight data lines.
    public var hasEightBits = true
    /// Of an eMMC: PARTITION_CONFIG.
    public var partitionConfiguration: UInt8 = 0x48
    /// Of an eMMC: whether somebody tried to set that.
    public internal(set) var wasPartitionTouched = false
    /// Who made it: some makers' cards are wrong in a way of their own.
    public var maker = Maker.apus

    // MARK: - What is wrong with it

    /// Times ACMD41 is answered "not yet" after its power came: a card on a board wanted 79 to 82.
    public var powerUpDelay = 80
    var roundsOfPowerUp = 0
    /// How long it takes to pull its lines low after CMD11.
    public var switchingDelay = Interval.microseconds(900)
    /// Knows CMD19 in DDR50 too.
    public var tunesAtDDR50 = true
    /// Never powers up.
    public var neverPowersUp = false
    /// Faults by block, each met once, in order.
    public var faults: [UInt64: [BlockFault]] = [:]
    /// Faults by command index, each met once: no answer.
    public var silences: [UInt32: Int] = [:]
    /// Faults by command index, each met once: an answer with a wrong CRC.
    public var garbledAnswers: [UInt32: Int] = [:]
    /// Data is garbled while the clock is faster than this.
    public var cleanUpTo: UInt32 = .max
    /// How long a block takes to be written.
    public var programmingTime = Interval.microseconds(200)
    /// How long it is busy after these blocks instead, each once: cleaning up behind what was written before.
    public var stalls: [UInt64: Interval] = [:]
    /// Stays busy for ever from its next write on.
    public var getsStuckBusy = false
    /// Was left at 1.8 V and answers nothing until its power was off.
    public var needsPowerCycle = false
    /// Holds its lines low for ever instead of switching its voltage.
    public var getsStuckSwitchingVoltage = false
    /// The clock up to which data is clean, by function of group 1 at 1.8 V.
    public var cleanUpToByFunction: [UInt32: UInt32] = [:]

    // MARK: - What it holds

    /// Its blocks, as far as they were written.
    public internal(set) var blocks: [UInt64: [UInt8]] = [:]
    /// Whether an erase has damaged other blocks.
    public internal(set) var wasDamaged = false
    /// Blocks that were written, in order.
    public internal(set) var written: [UInt64] = []
    /// Commands it has received (application commands with 64 added).
    public private(set) var commands: [UInt32] = []
    /// Where it stands.
    public internal(set) var state = State.idle
    /// Number of data lines in use.
    public internal(set) var width = 1
    /// Whether it is in high speed.
    public var isHighSpeed: Bool { !isAt1V8 && function == 1 }
    /// The function of group 1 it is in.
    public internal(set) var function: UInt32 = 0
    /// Whether its signals are at 1.8 V.
    public private(set) var isAt1V8 = false
    /// Whether it holds its lines low until everybody is at 1.8 V.
    public private(set) var isSwitchingVoltage = false
    /// The function that comes into force when the answer to the switch has been sent.
    var pendingFunction: UInt32?
    /// Blocks that CMD23 has announced.
    var announced: UInt64?

    var address: UInt32 = 0
    private var addressesGiven: UInt32 = 0
    private var isApplication = false
    var statusErrors: UInt32 = 0
    private var isPoweredUp = false
    var busyUntil = Instant(nanoseconds: 0)
    var position: UInt64 = 0
    var eraseRange: (UInt64, UInt64) = (0, 0)
    var special: [UInt8]?

    /// A card of `blockCount` blocks; standard capacity cards have a multiple of 1024, high capacity cards as well.
    public init(_ kind: Kind = .highCapacity, blockCount: UInt64 = 65536) {
        self.kind = kind
        self.blockCount = blockCount
    }

    /// The content of `block`: what was written, or a pattern of its own.
    public func content(_ block: UInt64) -> [UInt8] {
        blocks[block] ?? (0..<512).map { UInt8(truncatingIfNeeded: block &* 31 &+ UInt64($0) &* 7 &+ block >> 8) }
    }

    /// The power was away, and is back at `now`. Answers nothing for some milliseconds.
    public func cyclePower(at now: Instant = Instant(nanoseconds: 0)) {
        // Cut off in the middle of a write: what it tears is the affair of the models of power loss.
        if isBusy(at: now) && busyUntil != .never || state == .receiving { timesCutOff += 1 }
        silentUntil = now + .milliseconds(8)
        roundsOfPowerUp = 0
        busyUntil = now
        hasLockedUp = false
        needsPowerCycle = false
        isAt1V8 = false
        isSwitchingVoltage = false
        reset()
    }

    private var silentUntil = Instant(nanoseconds: 0)
    private var lowFrom = Instant.never
    /// Times its power went while it wrote.
    public private(set) var timesCutOff = 0
    /// Answers nothing more until its power was off.
    var hasLockedUp = false

    /// Whether it holds CMD and DAT low: some time after CMD11, until everybody is at 1.8 V.
    func holdsLinesLow(at now: Instant) -> Bool { isSwitchingVoltage && now >= lowFrom }

    /// Without its clock a card does not come to pulling its lines low.
    func clockStops(at now: Instant) { if isSwitchingVoltage, now < lowFrom { lowFrom = .never } }

    /// Everybody is at 1.8 V.
    func finishVoltageSwitch() {
        if getsStuckSwitchingVoltage || lowFrom == .never { return }
        isSwitchingVoltage = false
        isAt1V8 = true
    }

    /// A tuning block has been sent.
    func endTuningBlock() { state = .transfer }

    /// Whether it holds DAT0 low at `now`.
    public func isBusy(at now: Instant) -> Bool { now < busyUntil }

    private func reset() {
        state = .idle
        width = 1
        function = 0
        isApplication = false
        announced = nil
        address = 0
        isPoweredUp = false
        statusErrors = 0
        special = nil
    }

    // MARK: - Commands

    /// Receives a command at `now`.
    func receive(_ index: UInt32, _ argument: UInt32, at now: Instant) -> Answer {
        if needsPowerCycle || isSwitchingVoltage || hasLockedUp || now < silentUntil { return .silence }
        if state == .programming && !isBusy(at: now) { state = .transfer }
        let isApplication = self.isApplication
        self.isApplication = false
        commands.append(index + (isApplication ? 64 : 0))
        if let count = silences[index], count > 0 {
            silences[index] = count - 1
            return .silence
        }
        if kind == .embedded { return embedded(index, argument, at: now) }
        return isApplication ? application(index, argument) : plain(index, argument, at: now)
    }

    private func application(_ index: UInt32, _ argument: UInt32) -> Answer {
        switch (index, state) {
        case (6, .transfer):
            let answer = status()
            width = argument & 3 == 2 ? 4 : 1
            return answer
        case (41, .idle): return operatingCondition(argument)
        case (13, .transfer): return startSpecial(cardStatus)
        case (51, .transfer): return startSpecial(configurationRegister)
        default: return illegal()
        }
    }

    func plain(_ index: UInt32, _ argument: UInt32, at now: Instant) -> Answer {
        switch (index, state) {
        case (0, _):
            reset()
            return .silence
        case (8, .idle): return kind == .standardVersion1 ? illegal() : .short(argument & 0xFFF)
        case (55, _):
            if state.rawValue >= 3 && argument >> 16 != address { return .silence }
            isApplication = true
            return status(bits: 1 << 5)
        case (2, .ready):
            state = .identification
            return .long(identityRegister)
        case (3, .identification), (3, .standby):
            addressesGiven += 1
            address = 0xAB00 + addressesGiven
            let was = state
            state = .standby
            return .short(address << 16 | was.rawValue << 9 | 1 << 8)
        case (9, .standby): return argument >> 16 == address ? .long(specificDataRegister) : .silence
        case (7, .standby): return argument >> 16 == address ? moving(to: .transfer) : .silence
        case (13, .standby), (13, .transfer), (13, .sending), (13, .receiving), (13, .programming):
            return argument >> 16 == address ? status(at: now) : .silence
        case (12, .sending), (12, .receiving):
            announced = nil
            return stopTransfer(at: now)
        case (12, .programming): return status(at: now)
        case (11, .ready):
            guard has1V8, !isAt1V8 else { return illegal() }
            isSwitchingVoltage = true
            lowFrom = now + switchingDelay
            return status()
        case (19, .transfer):
            return isAt1V8 && (function != 4 || tunesAtDDR50)
                ? startSpecial(Array(repeating: 0xA5, count: 64)) : illegal()
        case (23, .transfer):
            if !hasSetBlockCount || refusesSetBlockCount { return illegal() }
            if locksUpOnBlockCount { hasLockedUp = true }
            announced = UInt64(argument)
            return status()
        case (6, .transfer): return startSpecial(switchStatus(argument))
        case (16, .transfer): return argument == 512 ? status() : failing(1 << 29)
        case (17, .transfer), (18, .transfer): return startTransfer(argument, .sending)
        case (24, .transfer), (25, .transfer):
            return isWriteProtected || hasProtectedGroups ? failing(1 << 26) : startTransfer(argument, .receiving)
        case (32, .transfer), (33, .transfer): return setErase(index, argument)
        case (38, .transfer): return erase(at: now)
        default: return illegal()
        }
    }

    private func stopTransfer(at now: Instant) -> Answer {
        if state == .sending {
            // It has read ahead, and past its end.
            if special == nil && position >= blockCount { statusErrors |= 1 << 31 }
            return moving(to: .transfer)
        }
        let answer = status()
        program(at: now)
        return answer
    }

    func status(bits: UInt32 = 0, at now: Instant? = nil) -> Answer {
        let isReady = now.map { !isBusy(at: $0) } ?? true
        let errors = statusErrors
        statusErrors = 0
        return .short(errors | bits | state.rawValue << 9 | (isReady ? 1 << 8 : 0))
    }

    private func moving(to next: State) -> Answer {
        let answer = status()
        state = next
        return answer
    }

    func failing(_ bit: UInt32) -> Answer {
        statusErrors |= bit
        return status()
    }

    func illegal() -> Answer {
        statusErrors |= 1 << 22
        return .silence
    }

    private func operatingCondition(_ argument: UInt32) -> Answer {
        if argument & 0xFF_8000 == 0 { return .short(0x00FF_8000) }
        if neverPowersUp || roundsOfPowerUp < powerUpDelay {
            roundsOfPowerUp += 1
            return .short(0x00FF_8000)
        }
        // A card of high capacity stays busy for ever with a host that does not support it.
        if kind == .highCapacity && argument & 1 << 30 == 0 { return .short(0x00FF_8000) }
        state = .ready
        let goesTo1V8 = has1V8 && !isAt1V8 && kind == .highCapacity && argument & 1 << 24 != 0
        return .short(0x80FF_8000 | (kind == .highCapacity ? 1 << 30 : 0) | (goesTo1V8 ? 1 << 24 : 0))
    }

    /// CMD6's answer: function 1 of group 1 is high speed, or SDR25 at 1.8 V; others there are only there.
    private func switchStatus(_ argument: UInt32) -> [UInt8] {
        var answer = [UInt8](repeating: 0, count: 64)
        let known: UInt16 = isAt1V8 ? functions : hasHighSpeed ? 0b11 : 0b1
        answer[12] = UInt8(known >> 8)
        answer[13] = UInt8(known & 0xFF)
        let wanted = argument & 0xF
        let isKnown = wanted == 0xF || known >> UInt16(wanted) & 1 != 0
        answer[16] = isKnown ? UInt8(wanted == 0xF ? function : wanted) : 0xF
        if argument >> 31 != 0, isKnown, wanted != 0xF { pendingFunction = wanted }
        return answer
    }

    func startSpecial(_ data: [UInt8]) -> Answer {
        special = data
        return moving(to: .sending)
    }

    private func startTransfer(_ argument: UInt32, _ next: State) -> Answer {
        guard let block = block(of: argument) else { return failing(1 << 30) }
        if block >= blockCount { return failing(1 << 31) }
        position = block
        special = nil
        return moving(to: next)
    }

    func block(of argument: UInt32) -> UInt64? {
        if kind == .highCapacity || kind == .embedded && blockCount > 1 << 22 { return UInt64(argument) }
        return argument % 512 == 0 ? UInt64(argument) / 512 : nil
    }

    func program(at now: Instant) {
        state = .programming
        // What a block has begun goes on.
        busyUntil = getsStuckBusy ? .never : max(busyUntil, now + programmingTime)
    }
}
