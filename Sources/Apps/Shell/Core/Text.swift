/// Numbers and columns for a person to read.
public enum Text {
    /// `text` with blanks behind it up to `width` columns.
    public static func left(_ text: String, _ width: Int) -> String { text + blanks(width - text.utf8.count) }

    /// `text` with blanks before it up to `width` columns.
    public static func right(_ text: String, _ width: Int) -> String { blanks(width - text.utf8.count) + text }

    private static func blanks(_ count: Int) -> String {
        count > 0 ? String(decoding: [UInt8](repeating: ASCII.space, count: count), as: UTF8.self) : ""
    }

    /// `value` with `digits` digits behind the point, of which the number is in units of the last: `decimal(1234, 3)` is "1.234".
    public static func decimal(_ value: UInt64, _ digits: Int) -> String {
        var unit: UInt64 = 1
        for _ in 0..<digits { unit *= 10 }
        var fraction = "\(value % unit)"
        while fraction.utf8.count < digits { fraction = "0" + fraction }
        return digits == 0 ? "\(value)" : "\(value / unit).\(fraction)"
    }

    /// A number of bytes in the unit that suits it: "512 bytes", "3.9 MiB".
    public static func size(_ bytes: UInt64) -> String {
        let units: [StaticString] = ["KiB", "MiB", "GiB", "TiB"]
        guard bytes >= 1024 else { return "\(bytes) bytes" }
        var unit = 0
        while unit < 3, bytes >> UInt64(10 * (unit + 2)) > 0 { unit += 1 }
        let shift = UInt64(10 * (unit + 1))
        let tenths = (bytes >> shift) * 10 + ((bytes & (1 << shift - 1)) * 10 >> shift)
        return tenths % 10 == 0 ? "\(tenths / 10) \(units[unit])" : "\(decimal(tenths, 1)) \(units[unit])"
    }

    /// A frequency in the unit that suits it: "54 MHz".
    public static func frequency(_ hertz: UInt64) -> String {
        if hertz >= 1_000_000 {
            return hertz % 1_000_000 == 0
                ? "\(hertz / 1_000_000) MHz" : "\(decimal(hertz / 1_000, 3)) MHz"
        }
        return hertz % 1_000 == 0 && hertz > 0 ? "\(hertz / 1_000) kHz" : "\(hertz) Hz"
    }

    /// A length of time: "3 days 02:03:04", "00:00:12".
    public static func duration(seconds: UInt64) -> String {
        func two(_ number: UInt64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(two(seconds / 3600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        let days = seconds / 86_400
        return days == 0 ? clock : "\(days) day\(days == 1 ? "" : "s") \(clock)"
    }

    /// `0x` and at least `digits` hexadecimal digits.
    public static func hexadecimal(_ value: UInt64, digits: Int = 1) -> String {
        var needed = max(1, digits)
        while needed < 16, value >> UInt64(4 * needed) != 0 { needed += 1 }
        return "0x" + String(decoding: HexLine.hexadecimal(value, digits: needed), as: UTF8.self)
    }

    /// `part` of `whole` in per cent, with one digit behind the point.
    public static func percentage(_ part: UInt64, of whole: UInt64) -> String {
        guard whole > 0 else { return "0.0 %" }
        // Rounded down, and without overflow for every pair of times.
        let tenths = part < 1 << 50 ? part * 1000 / whole : part / max(1, whole / 1000)
        return decimal(tenths, 1) + " %"
    }
}
