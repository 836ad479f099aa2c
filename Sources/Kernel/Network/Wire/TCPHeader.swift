/// The header of a TCP segment (RFC 9293 section 3.1) with its options.
@frozen
public struct TCPHeader: Equatable, Sendable {
    /// Bytes of a header without options.
    public static var minimumLength: Int { 20 }
    /// Bytes of the longest header.
    public static var maximumLength: Int { 60 }
    /// Where the checksum lies, in bytes from the start of the header.
    public static var checksumField: Int { 16 }

    /// The sender's port.
    public let source: Port
    /// The receiver's port.
    public let destination: Port
    /// Where urgent data end; without URG it means nothing.
    public let urgentPointer: UInt16
    private let offset: UInt8
    /// What the protocol reads of the header.
    public let segment: SegmentHeader

    /// Where the data begin, in bytes from the start of the header.
    public var dataOffset: Int { Int(offset) }

    /// The header of `segment`, whose options take 40 bytes at most. Apus sends no urgent data (RFC 6093).
    public init(from source: Port, to destination: Port, _ segment: SegmentHeader) {
        self.source = source
        self.destination = destination
        self.segment = segment
        urgentPointer = 0
        let length = Self.minimumLength + segment.options.encodedLength
        precondition(length <= Self.maximumLength, "TCP options have at most 40 bytes")
        offset = UInt8(length)
    }

    /// Reads the header of `bytes`, all of which is the payload of a datagram from `sender` to `receiver`, and checks its checksum.
    /// - Parameter isChecksumVerified: somebody, such as the device, has checked the checksum.
    /// - Throws: `.truncated`, `.malformed` with the field (port 0 is `.tcpHeader`), `.checksum(.tcpHeader)`.
    public init(
        parsing bytes: RawSpan, from sender: IPv4Address, to receiver: IPv4Address, isChecksumVerified: Bool = false
    ) throws(WireError) {
        guard bytes.byteCount >= Self.minimumLength else { throw .truncated(.tcpHeader) }
        offset = bytes.byte(12) >> 4 * 4
        guard offset >= 20 else { throw .malformed(.tcpDataOffset) }
        guard Int(offset) <= bytes.byteCount else { throw .truncated(.tcpOptions) }
        if !isChecksumVerified {
            var checksum = InternetChecksum(pseudoHeader: sender, receiver, .tcp, length: bytes.byteCount)
            checksum.add(bytes)
            guard checksum.isValid else { throw .checksum(.tcpHeader) }
        }
        source = Port(rawValue: bytes.word16(0))
        destination = Port(rawValue: bytes.word16(2))
        guard source != .any, destination != .any else { throw .malformed(.tcpHeader) }
        urgentPointer = bytes.word16(18)
        segment = SegmentHeader(
            sequence: SequenceNumber(bytes.word32(4)), acknowledgement: SequenceNumber(bytes.word32(8)),
            flags: TCPFlags(rawValue: bytes.byte(13)), window: bytes.word16(14),
            options: try TCPOptions(parsing: bytes.extracting(20..<Int(offset))))
    }

    /// Writes the header with its options to the front of `bytes`, which is the whole segment: the data are there already, at
    /// `dataOffset`. Traps when there are fewer bytes.
    /// - Parameter isChecksumLeftToDevice: a device completes the checksum: the field gets the partial sum of the pseudo header, and the
    ///   data may still change. Otherwise the checksum over all of `bytes` is written.
    public func emit(
        into bytes: inout MutableRawSpan, from sender: IPv4Address, to receiver: IPv4Address,
        isChecksumLeftToDevice: Bool = false
    ) {
        // What is known of the length here need not be asked at each of the fields.
        precondition(bytes.byteCount >= Self.minimumLength, "a TCP segment has at least its header")
        bytes.set(0, source.rawValue)
        bytes.set(2, destination.rawValue)
        bytes.set(4, segment.sequence.value)
        bytes.set(8, segment.acknowledgement.value)
        bytes.set(12, offset << 2)
        bytes.set(13, segment.flags.rawValue)
        bytes.set(14, segment.window)
        bytes.set(Self.checksumField, UInt16(0))
        bytes.set(18, urgentPointer)
        segment.options.emit(into: &bytes, at: Self.minimumLength)
        var checksum = InternetChecksum(pseudoHeader: sender, receiver, .tcp, length: bytes.byteCount)
        if isChecksumLeftToDevice {
            bytes.set(Self.checksumField, checksum.partialSum)
        } else {
            checksum.add(bytes.bytes)
            bytes.set(Self.checksumField, checksum.value)
        }
    }
}
