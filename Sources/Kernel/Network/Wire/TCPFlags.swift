/// The control bits of a TCP segment (RFC 9293 section 3.1).
@frozen
public struct TCPFlags: OptionSet, Hashable, Sendable {
    /// The bits as they are sent.
    public var rawValue: UInt8

    /// The set with the bits of `rawValue`.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The sender will send no more.
    @inlinable
    public static var fin: TCPFlags { TCPFlags(rawValue: 0x01) }
    /// The sequence number is the sender's first.
    @inlinable
    public static var syn: TCPFlags { TCPFlags(rawValue: 0x02) }
    /// The connection is no more.
    @inlinable
    public static var rst: TCPFlags { TCPFlags(rawValue: 0x04) }
    /// The data are to be handed up now.
    @inlinable
    public static var psh: TCPFlags { TCPFlags(rawValue: 0x08) }
    /// The acknowledgement number counts.
    @inlinable
    public static var ack: TCPFlags { TCPFlags(rawValue: 0x10) }
    /// The urgent pointer counts.
    @inlinable
    public static var urg: TCPFlags { TCPFlags(rawValue: 0x20) }
    /// Congestion was notified (RFC 3168 section 6.1).
    @inlinable
    public static var ece: TCPFlags { TCPFlags(rawValue: 0x40) }
    /// The congestion window was reduced (RFC 3168 section 6.1).
    @inlinable
    public static var cwr: TCPFlags { TCPFlags(rawValue: 0x80) }
}
