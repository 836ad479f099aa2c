/// The control bits of a segment (RFC 9293, section 3.1), in the bit positions of the header.
@frozen
public struct SegmentFlags: OptionSet, Hashable, Sendable {
    /// The bits as they stand in the header's flag octet.
    public var rawValue: UInt8

    /// The flags in `rawValue`.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// No more data from the sender.
    public static var fin: Self { Self(rawValue: 1) }
    /// Synchronise sequence numbers.
    public static var syn: Self { Self(rawValue: 2) }
    /// Reset the connection.
    public static var rst: Self { Self(rawValue: 4) }
    /// Push.
    public static var psh: Self { Self(rawValue: 8) }
    /// The acknowledgement field counts.
    public static var ack: Self { Self(rawValue: 16) }
    /// The urgent pointer counts. Apus reads urgent data as part of the stream and never sends any (RFC 6093).
    public static var urg: Self { Self(rawValue: 32) }
}

/// The timestamps option (RFC 7323, section 3.2).
@frozen
public struct Timestamps: Hashable, Sendable {
    /// TSval: the clock of the sender.
    public var value: UInt32
    /// TSecr: what the sender last saw of the other's clock.
    public var echo: UInt32

    /// The option with TSval `value` and TSecr `echo`.
    @inlinable
    public init(value: UInt32, echo: UInt32) {
        self.value = value
        self.echo = echo
    }
}

/// Up to four ranges that have arrived ahead of a gap (RFC 2018, section 3); the first may be a duplicate (RFC 2883).
@frozen
public struct SACKBlocks: Sendable {
    @usableFromInline
    var blocks = InlineArray<4, SequenceRange>(repeating: SequenceRange(SequenceNumber(0), SequenceNumber(0)))
    /// How many there are.
    public private(set) var count = 0

    /// No blocks.
    public init() {}

    /// The block at `index`, in the order of the option.
    @inlinable
    public subscript(index: Int) -> SequenceRange { blocks[index] }

    /// Appends `block`; beyond four it is dropped.
    public mutating func append(_ block: SequenceRange) {
        guard count < 4 else { return }
        blocks[count] = block
        count += 1
    }
}

/// The options of a segment that TCP looks at. All others are skipped by whoever parses the header.
@frozen
public struct SegmentOptions: Sendable {
    /// MSS, only on a SYN (RFC 9293, section 3.7.1).
    public var maximumSegmentSize: UInt16?
    /// Shift count of window scaling, only on a SYN (RFC 7323, section 2.2).
    public var windowScale: UInt8?
    /// SACK-permitted, only on a SYN (RFC 2018, section 2).
    public var isSACKPermitted = false
    /// The timestamps option.
    public var timestamps: Timestamps?
    /// The SACK option.
    public var sack = SACKBlocks()

    /// No options.
    public init() {}

    /// Octets the options take in the header, each group padded to four as Apus lays them out.
    public var octets: Int {
        (maximumSegmentSize == nil ? 0 : 4) + (windowScale == nil ? 0 : 4) + (isSACKPermitted ? 4 : 0)
            + (timestamps == nil ? 0 : 12) + (sack.count == 0 ? 0 : 4 + 8 * sack.count)
    }
}

/// What TCP needs of a header: no ports, no checksum, no octets.
@frozen
public struct SegmentHeader: Sendable {
    /// SEG.SEQ: the first octet of the segment.
    public var sequence: SequenceNumber
    /// SEG.ACK: the next octet expected; counts only with `.ack`.
    public var acknowledgement: SequenceNumber
    /// The control bits.
    public var flags: SegmentFlags
    /// SEG.WND as it stands in the header, not scaled.
    public var window: UInt16
    /// The options.
    public var options: SegmentOptions

    /// A header of these fields.
    public init(
        sequence: SequenceNumber, acknowledgement: SequenceNumber = SequenceNumber(0), flags: SegmentFlags,
        window: UInt16 = 0, options: SegmentOptions = SegmentOptions()
    ) {
        self.sequence = sequence
        self.acknowledgement = acknowledgement
        self.flags = flags
        self.window = window
        self.options = options
    }

    /// SEG.LEN of this header with `payload` octets: SYN and FIN count one each (RFC 9293, section 3.4).
    @inlinable
    public func length(payload: Int) -> Int {
        payload + (flags.contains(.syn) ? 1 : 0) + (flags.contains(.fin) ? 1 : 0)
    }
}

/// A segment to be sent. Its payload still lies in the connection: fetch it with `Connection.copyPayload(of:into:)` before
/// any other call changes the connection.
@frozen
public struct OutgoingSegment: Sendable {
    /// The header to write.
    public var header: SegmentHeader
    /// Octets of payload.
    public var payloadCount: Int

    /// The header alone, or in front of `payloadCount` octets.
    public init(header: SegmentHeader, payloadCount: Int = 0) {
        self.header = header
        self.payloadCount = payloadCount
    }
}
