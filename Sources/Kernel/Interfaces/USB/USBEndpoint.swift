/// An end of a device that data goes to or comes from. USB 2.0, 9.6.6.
@frozen
public struct USBEndpoint: Equatable, Sendable {
    /// How an endpoint transfers.
    public enum Transfer: UInt8, Sendable {
        /// Requests and answers.
        case control = 0
        /// At its time or never; nothing here uses it.
        case isochronous = 1
        /// When there is room on the bus, without loss.
        case bulk = 2
        /// A few bytes, asked for regularly.
        case interrupt = 3
    }

    /// 0 to 15.
    public var number: UInt8
    /// Whether it gives data.
    public var isIn: Bool
    /// How it transfers.
    public var transfer: Transfer
    /// The most bytes in a packet, 1 to 1024.
    public var packetSize: Int
    /// bInterval: in milliseconds below high speed, as a power of two of microframes at high speed.
    public var interval: UInt8

    /// An endpoint as its descriptor says.
    public init(number: UInt8, isIn: Bool, transfer: Transfer, packetSize: Int, interval: UInt8 = 0) {
        self.number = number
        self.isIn = isIn
        self.transfer = transfer
        self.packetSize = packetSize
        self.interval = interval
    }

    /// The endpoint's address in requests: its number, with bit 7 for those that give.
    public var address: UInt8 { isIn ? number | 0x80 : number }

    /// How often an interrupt endpoint of a device of `speed` wants to be asked; never more often than every millisecond.
    public func period(at speed: USBSpeed) -> Interval {
        if speed != .high { return .milliseconds(UInt64(max(interval, 1))) }
        let exponent = min(max(interval, 1), 16) - 1
        return max(.microseconds(125 << UInt64(exponent)), .milliseconds(1))
    }
}

/// An interrupt endpoint and where its packets stand.
@frozen
public struct USBPolledEndpoint: Equatable, Sendable {
    /// The endpoint.
    public let endpoint: USBEndpoint
    /// The next packet is a DATA1.
    public var isOdd = false
    /// A packet was lost on its way through a hub, and the next may be marked either way.
    public var isUncertain = false

    /// `endpoint` after a reset.
    public init(_ endpoint: USBEndpoint) { self.endpoint = endpoint }
}
