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

/// The header of a TCP segment (RFC 9293 section 3.1) with its options.
@frozen
public struct TCPHeader: Equatable, Sendable {
    /// Bytes of a header without options.
    public static var minimumLength: Int { 20 }
    /// Bytes of the longest header.
    public static var maximumLength: Int { 60 }

    /// The sender's port.
    public var source: Port
    /// The receiver's port.
    public var destination: Port
    /// The number of the first byte, or of SYN.
    public var sequence: UInt32
    /// The number that is expected next; without ACK it means nothing.
    public var acknowledgement: UInt32
    /// The control bits.
    public var flags: TCPFlags
    /// How many bytes more the sender takes, before scaling.
    public var window: UInt16
    /// Where urgent data end; without URG it means nothing.
    public var urgentPointer: UInt16 = 0
    /// The options.
    public var options = TCPOptions()
    /// Where the data begin, in bytes from the start of the header: what was read, or 20 and the options' length.
    public var dataOffset: Int { readDataOffset ?? Self.minimumLength + options.encodedLength }
    private var readDataOffset: Int?

    /// A header.
    public init(
        from source: Port, to destination: Port, sequence: UInt32, acknowledgement: UInt32 = 0, flags: TCPFlags,
        window: UInt16, options: TCPOptions = TCPOptions()
    ) {
        self.source = source
        self.destination = destination
        self.sequence = sequence
        self.acknowledgement = acknowledgement
        self.flags = flags
        self.window = window
        self.options = options
    }

    /// Reads the header of `segment`, all of which is the payload of a datagram from `sender` to `receiver`, and checks its checksum.
    /// - Parameter isChecksumVerified: somebody, such as the device, has checked the checksum.
    /// - Throws: `.truncated`, `.malformed` with the field (port 0 is `.tcpHeader`), `.checksum(.tcpHeader)`.
    public init(
        parsing segment: RawSpan, from sender: IPv4Address, to receiver: IPv4Address, isChecksumVerified: Bool = false
    ) throws(WireError) {
        guard segment.byteCount >= Self.minimumLength else { throw .truncated(.tcpHeader) }
        let offset = Int(segment.byte(12) >> 4) * 4
        guard offset >= Self.minimumLength else { throw .malformed(.tcpDataOffset) }
        guard offset <= segment.byteCount else { throw .truncated(.tcpOptions) }
        if !isChecksumVerified {
            var checksum = InternetChecksum(pseudoHeader: sender, receiver, .tcp, length: segment.byteCount)
            checksum.add(segment)
            guard checksum.isValid else { throw .checksum(.tcpHeader) }
        }
        source = Port(rawValue: segment.word16(0))
        destination = Port(rawValue: segment.word16(2))
        guard source != .any, destination != .any else { throw .malformed(.tcpHeader) }
        sequence = segment.word32(4)
        acknowledgement = segment.word32(8)
        flags = TCPFlags(rawValue: segment.byte(13))
        window = segment.word16(14)
        urgentPointer = segment.word16(18)
        options = try TCPOptions(parsing: segment.extracting(20..<offset))
        readDataOffset = offset
    }

    /// Writes the header with its options to the front of `segment`, and the checksum over all of it: the data are there already, at
    /// `20 + options.encodedLength`. Traps when there are fewer bytes, or when the options are longer than 40.
    public func emit(into segment: inout MutableRawSpan, from sender: IPv4Address, to receiver: IPv4Address) {
        let offset = Self.minimumLength + options.encodedLength
        precondition(offset <= Self.maximumLength, "TCP options have at most 40 bytes")
        segment.set(0, source.rawValue)
        segment.set(2, destination.rawValue)
        segment.set(4, sequence)
        segment.set(8, acknowledgement)
        segment.set(12, UInt8(offset << 2))
        segment.set(13, flags.rawValue)
        segment.set(14, window)
        segment.set(16, UInt16(0))
        segment.set(18, urgentPointer)
        options.emit(into: &segment, at: Self.minimumLength)
        var checksum = InternetChecksum(pseudoHeader: sender, receiver, .tcp, length: segment.byteCount)
        checksum.add(segment.bytes)
        segment.set(16, checksum.value)
    }
}
