import Network

/// What a client sends and a server answers (RFC 5905, section 7.3).
public struct NTPPacket: Equatable, Sendable {
    /// Bytes of it; what follows, extensions and authentication, is not read.
    public static let length = 48

    /// Warning of a leap second; 3 says that the server's own clock is not set.
    public var leap: UInt8 = 0
    /// 3 or 4.
    public var version: UInt8 = 4
    /// 3 for a client, 4 for a server.
    public var mode: UInt8 = 3
    /// How far the server is from a clock of its own, 1 to 15; 0 for a message instead of a time.
    public var stratum: UInt8 = 0
    /// The longest interval between messages, as a power of two of seconds.
    public var poll: Int8 = 0
    /// What the server's clock resolves, as a power of two of seconds.
    public var precision: Int8 = 0
    /// Delay to the clock at the root.
    var rootDelay = NTPShort(bits: 0)
    /// What the clock at the root may be wrong by.
    var rootDispersion = NTPShort(bits: 0)
    /// Where the server has its time from, or with stratum 0 four letters.
    public var reference: UInt32 = 0
    /// When the server's clock was last set.
    public var referenceTime = NTPTimestamp(bits: 0)
    /// What the client had sent as `transmit`.
    public var origin = NTPTimestamp(bits: 0)
    /// When the request arrived.
    public var receive = NTPTimestamp(bits: 0)
    /// When this left.
    public var transmit = NTPTimestamp(bits: 0)

    /// A client's request. `transmit` tells nothing about the client's clock: a number that only it knows, and the server sends back.
    public init(request transmit: NTPTimestamp) { self.transmit = transmit }

    /// Reads a packet; nil for what is too short, or another version.
    public init?(parsing bytes: RawSpan) {
        guard bytes.byteCount >= Self.length else { return nil }
        let first = bytes.byte(0)
        (leap, version, mode) = (first >> 6, first >> 3 & 7, first & 7)
        guard version >= 3, version <= 4 else { return nil }
        stratum = bytes.byte(1)
        poll = Int8(bitPattern: bytes.byte(2))
        precision = Int8(bitPattern: bytes.byte(3))
        rootDelay = NTPShort(bits: bytes.word32(4))
        rootDispersion = NTPShort(bits: bytes.word32(8))
        reference = bytes.word32(12)
        referenceTime = Self.timestamp(bytes, 16)
        origin = Self.timestamp(bytes, 24)
        receive = Self.timestamp(bytes, 32)
        transmit = Self.timestamp(bytes, 40)
    }

    private static func timestamp(_ bytes: RawSpan, _ offset: Int) -> NTPTimestamp {
        NTPTimestamp(bits: UInt64(bytes.word32(offset)) << 32 | UInt64(bytes.word32(offset + 4)))
    }

    /// The packet as it is sent.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = [
            leap << 6 | version << 3 | mode, stratum, UInt8(bitPattern: poll), UInt8(bitPattern: precision),
        ]
        for word in [rootDelay.bits, rootDispersion.bits, reference] { Self.append(UInt64(word), 4, to: &bytes) }
        for time in [referenceTime, origin, receive, transmit] { Self.append(time.bits, 8, to: &bytes) }
        return bytes
    }

    private static func append(_ value: UInt64, _ count: Int, to bytes: inout [UInt8]) {
        for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - index)))) }
    }

    /// Same bits.
    public static func == (left: NTPPacket, right: NTPPacket) -> Bool { left.encoded == right.encoded }
}
