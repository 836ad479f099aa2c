import Interfaces

/// What the board's firmware does behind its tags: expander, power, clocks, the reset that is announced. Read from start4 (docs/HARDWARE.md).
public final class FirmwareModel {
    /// How the card's lines were driven.
    public struct Change: Equatable, Sendable {
        /// When.
        public let time: Instant
        /// The line's number.
        public let line: UInt32
        /// Its level from then on.
        public let isHigh: Bool
    }

    /// The levels of the expander's lines, by number. As handed over: the card is powered at 3.3 V.
    public private(set) var lines: [UInt32: Bool] = [4: false, 6: true]
    /// Everything that was done to them.
    public private(set) var changes: [Change] = []
    /// Whether the reset was announced.
    public private(set) var isResetAnnounced = false
    /// Whether it cycles the card's power when it is switched off after that, as firmware of 2026 does; older only does what it is told.
    public var cyclesCardPower = true
    /// A line that does not follow, once it is asked to go high.
    public var stuckLine: UInt32?

    private let clock: VirtualClock
    private static let signalling: UInt32 = 4
    private static let cardPower: UInt32 = 6

    /// Firmware behind `mailbox`.
    public init(_ mailbox: MailboxModel, clock: VirtualClock) {
        self.clock = clock
        mailbox.tags[0x0003_0048] = { [self] _ in
            isResetAnnounced = true
            return []
        }
        mailbox.tags[0x0003_0041] = { [self] request in [0, lines[request[0] - 128] == true ? 1 : 0] }
        mailbox.tags[0x0003_8041] = { [self] request in
            set(request[0] - 128, request[1] != 0)
            return [0, request[1]]
        }
    }

    private func set(_ line: UInt32, _ isHigh: Bool) {
        if line == stuckLine && isHigh {
            stuckLine = nil
            return
        }
        drive(line, isHigh)
        guard cyclesCardPower, isResetAnnounced, line == Self.cardPower, !isHigh else { return }
        drive(Self.signalling, false)
        drive(Self.cardPower, true)
    }

    private func drive(_ line: UInt32, _ isHigh: Bool) {
        lines[line] = isHigh
        changes.append(Change(time: clock.now, line: line, isHigh: isHigh))
    }
}
