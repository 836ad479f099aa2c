/// What divides the UART's clock down to sixteen times the baud rate, in 64ths (DDI 0183, 3.3.5 and 3.3.6).
public struct BaudDivisor: Equatable, Sendable {
    /// UARTIBRD: the whole part, 1 to 65535.
    public let integer: UInt32
    /// UARTFBRD: the fraction in 64ths, rounded to the nearest.
    public let fraction: UInt32
    /// True when the clock rate that was asked for cannot be divided down to the baud rate, so that `standardClockRate`
    /// was assumed in its place. QEMU's firmware reports 3 MHz for a UART whose clock it does not model.
    public let assumesStandardClock: Bool

    /// The clock every firmware gives the UART unless `init_uart_clock` in config.txt says otherwise, in Hz.
    public static var standardClockRate: UInt32 { 48_000_000 }

    /// The divisor for `baud` from a clock of `clockRate` Hz, or nil when it lies outside 1 to 65535. Where it exists, the
    /// rate is less than 0.8 % off.
    public init?(baud: UInt32, exactly clockRate: UInt32) {
        self.init(baud: baud, clockRate: clockRate, assumesStandardClock: false)
    }

    /// The divisor for `baud` from a clock of `clockRate` Hz; from `standardClockRate` where that is impossible; nil
    /// where that is impossible too (above 3 Mbaud, below 46 baud).
    public init?(baud: UInt32, clockRate: UInt32) {
        if let divisor = BaudDivisor(baud: baud, exactly: clockRate) {
            self = divisor
        } else {
            self.init(baud: baud, clockRate: Self.standardClockRate, assumesStandardClock: true)
        }
    }

    private init?(baud: UInt32, clockRate: UInt32, assumesStandardClock: Bool) {
        guard baud > 0 else { return nil }
        // clock / (16 * baud) in 64ths, rounded: (64 * clock / (16 * baud)) = 4 * clock / baud.
        let sixtyFourths = (8 * UInt64(clockRate) / UInt64(baud) + 1) / 2
        // UARTIBRD = 65535 leaves no room for a fraction (3.3.6).
        guard (64...65535 * 64).contains(sixtyFourths) else { return nil }
        integer = UInt32(sixtyFourths / 64)
        fraction = UInt32(sixtyFourths % 64)
        self.assumesStandardClock = assumesStandardClock
    }
}
