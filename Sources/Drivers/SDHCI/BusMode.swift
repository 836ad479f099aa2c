/// How card and controller talk (SD Physical Layer Simplified Specification 6.00, 3.9 "Bus Speed Modes").
public enum BusMode: Sendable {
    /// 25 MHz at 3.3 V.
    case defaultSpeed
    /// 50 MHz at 3.3 V.
    case highSpeed
    /// 25 MHz at 1.8 V.
    case sdr12
    /// 50 MHz at 1.8 V.
    case sdr25
    /// 100 MHz at 1.8 V, sampling tuned.
    case sdr50
    /// 50 MHz at 1.8 V, data on both edges.
    case ddr50

    /// The highest clock in Hz.
    public var rate: UInt32 {
        switch self {
        case .defaultSpeed, .sdr12: 25_000_000
        case .highSpeed, .sdr25, .ddr50: 50_000_000
        case .sdr50: 100_000_000
        }
    }

    /// Whether signals are at 1.8 V.
    public var isAt1V8: Bool {
        switch self {
        case .defaultSpeed, .highSpeed: false
        case .sdr12, .sdr25, .sdr50, .ddr50: true
        }
    }

    /// The specification's name.
    public var name: StaticString {
        switch self {
        case .defaultSpeed: "default speed"
        case .highSpeed: "high speed"
        case .sdr12: "SDR12"
        case .sdr25: "SDR25"
        case .sdr50: "SDR50"
        case .ddr50: "DDR50"
        }
    }

    /// The number both CMD6's group 1 and the controller's UHS mode field have for it.
    var function: UInt32 {
        switch self {
        case .defaultSpeed, .sdr12: 0
        case .highSpeed, .sdr25: 1
        case .sdr50: 2
        case .ddr50: 4
        }
    }
}

/// The fastest the driver tries, lowered when faster did not work.
enum SpeedCeiling: Comparable {
    /// 25 MHz at 3.3 V.
    case defaultSpeed
    /// 50 MHz at 3.3 V.
    case highSpeed
    /// 1.8 V, data on one edge.
    case withoutDDR50
    /// Whatever card, controller and board can.
    case ultraHighSpeed
}
