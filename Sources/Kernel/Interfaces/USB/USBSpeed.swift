/// How fast a device talks. USB 2.0, 5.3.
@frozen
public enum USBSpeed: UInt8, Sendable {
    /// 480 Mb/s, eight microframes in a millisecond.
    case high = 0
    /// 12 Mb/s.
    case full = 1
    /// 1.5 Mb/s.
    case low = 2
}
