import Interfaces

/// The random number generator: a FIFO that fills with time after a warm-up.
public final class RNG200Model: RegisterModel {
    /// What is wrong with it.
    public enum Fault: Sendable {
        /// Nothing.
        case none
        /// It fails its test after `words` words, so many times.
        case testFailure(afterWords: Int, times: Int)
        /// It is locked out for good.
        case lockedOut
        /// It gives the same word for ever.
        case stuck
        /// It gives none.
        case silent
    }

    /// Times it has been reset.
    public private(set) var resets = 0
    /// Words it has given.
    public private(set) var words: [UInt32] = []

    private let clock: VirtualClock
    private var fault: Fault
    private var generator = SeededGenerator(seed: 7)
    private var isRunning: Bool
    private var firstWord = Instant.never
    private var status: UInt32 = 0
    private var given = 0

    /// A generator on `clock`, running when the firmware has started it.
    public init(_ clock: VirtualClock, fault: Fault = .none, isRunning: Bool = false) {
        self.clock = clock
        self.fault = fault
        self.isRunning = isRunning
        if isRunning { firstWord = clock.now }
    }

    private var available: UInt32 {
        guard isRunning, status & (1 << 31 | 1 << 5) == 0, clock.now >= firstWord else { return 0 }
        if case .silent = fault { return 0 }
        let produced = (clock.now - firstWord).nanoseconds / 32_000 + 1
        return UInt32(min(16, max(0, Int64(produced) - Int64(given))))
    }

    /// Reads a register.
    public func read(_ offset: Int) -> UInt32 {
        switch offset {
        case 0x00: return isRunning ? 0x7FFF : 0x6000
        case 0x18:
            if case .lockedOut = fault { status |= 1 << 31 }
            return status
        case 0x20: return take()
        case 0x24: return available
        default: return 0
        }
    }

    /// Writes a register.
    public func write(_ value: UInt32, at offset: Int) {
        switch offset {
        case 0x00:
            let runs = value & 0x1FFF != 0
            if runs && !isRunning {
                firstWord = clock.now + .milliseconds(300)
                given = 0
            }
            isRunning = runs
        case 0x08 where value & 1 != 0: resets += 1
        case 0x18: status &= ~value
        default: break
        }
    }

    private func take() -> UInt32 {
        if available == 0 { return 0 }
        given += 1
        if case .testFailure(let after, let times) = fault, given >= after, times > 0 {
            status |= 1 << 5
            fault = .testFailure(afterWords: after, times: times - 1)
        }
        var word = UInt32(truncatingIfNeeded: generator.next())
        if case .stuck = fault { word = 0x5555_5555 }
        words.append(word)
        return word
    }
}
