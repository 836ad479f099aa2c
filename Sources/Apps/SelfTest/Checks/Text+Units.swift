import Interfaces
import Runtime

extension Text {
    /// Two hexadecimal digits.
    init(hexadecimal byte: UInt8) {
        self.init()
        for digit in [byte >> 4, byte & 15] { put(digit < 10 ? 0x30 + digit : 0x57 + digit) }
    }
}

extension Text.Interpolation {
    /// Thousandths of a degree Celsius.
    public mutating func appendInterpolation(celsius value: Int) {
        if value < 0 { appendLiteral("-") }
        appendInterpolation(decimal: UInt64(value.magnitude) / 100, 1)
        appendLiteral(" °C")
    }

    /// Microvolts in volts.
    mutating func appendInterpolation(volts value: UInt32) {
        appendInterpolation(decimal: UInt64(value), 6)
        appendLiteral(" V")
    }

    /// A link in words.
    public mutating func appendInterpolation(_ link: LinkState) {
        switch link {
        case .down: appendLiteral("link down")
        case .up(let mode):
            let duplex: StaticString = mode.isFullDuplex ? "full duplex" : "half duplex"
            appendInterpolation("link up, \(mode.speed.rawValue) Mb/s, \(duplex)" as Text)
        }
    }

    /// Nanoseconds in microseconds.
    mutating func appendInterpolation(microseconds value: UInt64) {
        appendInterpolation(decimal: value, 3)
        appendLiteral(" us")
    }
}
