import Interfaces

/// The power management block. A reset is one: the watchdog stands still afterwards, and of the registers only what silicon keeps is left.
public final class PowerModel: RegisterModel {
    /// What it behaves like.
    public enum Flavour: Sendable {
        /// The board's: the watchdog counts.
        case board
        /// QEMU's: arming resets at once.
        case qemu
    }

    /// When the chip was reset; nil as long as it was not.
    public private(set) var resetTime: Instant?
    /// The boot partition at that moment.
    public private(set) var partition: UInt32?
    /// PM_RSTS at that moment, as software had left it.
    public private(set) var statusAtReset: UInt32?
    /// Resets so far.
    public private(set) var resets = 0
    /// PM_RSTS.
    public private(set) var status: UInt32

    private let clock: VirtualClock
    private let flavour: Flavour
    private var control: UInt32 = 0x102
    private var expiry = Instant.never
    private var arming = 0

    /// A block on `clock` with the reset status `status`.
    public init(_ clock: VirtualClock, flavour: Flavour = .board, status: UInt32 = 0x1000) {
        self.clock = clock
        self.flavour = flavour
        self.status = status
    }

    /// Reads a register.
    public func read(_ offset: Int) -> UInt32 {
        switch offset {
        case 0x1C: control
        case 0x20: status
        case 0x24: expiry == .never ? 0 : UInt32((expiry - clock.now).nanoseconds * 65536 / 1_000_000_000)
        default: fatalError("read of offset \(offset)")
        }
    }

    /// Writes a register; without the password nothing happens.
    public func write(_ value: UInt32, at offset: Int) {
        guard value >> 24 == 0x5A else { return }
        let fields = value & 0xFF_FFFF
        switch offset {
        case 0x1C: control = fields
        case 0x20: status = fields
        case 0x24: expiry = clock.now + .nanoseconds(UInt64(fields & 0xF_FFFF) * 1_000_000_000 / 65536)
        default: fatalError("write to offset \(offset)")
        }
        if flavour == .qemu {
            if offset == 0x1C && control & 0x20 != 0 { reset() }
            return
        }
        arming += 1
        let number = arming
        if expiry == .never { return }
        clock.schedule(after: expiry - clock.now) { [self] in
            if number == arming && control & 0x30 == 0x20 { reset() }
        }
    }

    /// What a reset by the watchdog keeps of PM_RSTS: the partition, in every other bit, and the mark of a trial. (docs/HARDWARE.md)
    private static var kept: UInt32 { 0x557 }
    /// HADWRF: the watchdog did it.
    private static var byWatchdog: UInt32 { 0x20 }

    private func reset() {
        resets += 1
        resetTime = clock.now
        statusAtReset = status
        partition = (0..<6).reduce(0) { $0 | (status >> ($1 * 2) & 1) << $1 }
        status = status & Self.kept | Self.byWatchdog
        control = 0x102
        expiry = .never
        // What was counting counts no more.
        arming += 1
    }
}
