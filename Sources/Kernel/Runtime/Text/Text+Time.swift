import Interfaces

extension Text.Interpolation {
    /// A point in time: "2026-11-26 17:05:08".
    @inline(never)
    public mutating func appendInterpolation(_ time: CivilTime) {
        text.putDecimal(UInt64(max(0, time.year)), width: 4, fill: 0x30)
        for (separator, part) in [
            (UInt8(0x2D), time.month), (0x2D, time.day), (0x20, time.hour), (0x3A, time.minute), (0x3A, time.second),
        ] {
            text.put(separator)
            text.putDecimal(UInt64(max(0, part)), width: 2, fill: 0x30)
        }
    }
}
