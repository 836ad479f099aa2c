/// The header of a UDP datagram (RFC 768).
@frozen
public struct UDPHeader: Equatable, Sendable {
    /// Bytes of a header.
    public static var length: Int { 8 }

    /// The sender's port; 0 when no answer is expected.
    public var source: Port
    /// The receiver's port.
    public var destination: Port
    /// Header and payload, in bytes.
    public var totalLength: UInt16

    /// The header in front of `payloadLength` bytes (65507 at most over IPv4).
    public init(from source: Port, to destination: Port, payloadLength: Int) {
        precondition(payloadLength >= 0 && payloadLength <= 65507, "a UDP payload has 0 to 65507 bytes")
        self.source = source
        self.destination = destination
        totalLength = UInt16(payloadLength + 8)
    }

    /// Where the payload lies, in bytes from the start of the header.
    public var payload: Range<Int> { 8..<Int(totalLength) }

    /// Reads the header of `bytes`, the payload of a datagram from `sender` to `receiver`, and checks its checksum unless it is absent
    /// (RFC 1122 section 4.1.3.4). Bytes after `totalLength` are ignored.
    /// - Parameter isChecksumVerified: somebody, such as the device, has checked the checksum.
    /// - Throws: `.truncated`, `.malformed(.udpLength)`, `.malformed(.udpHeader)` for destination port 0, `.checksum`.
    public init(
        parsing bytes: RawSpan, from sender: IPv4Address, to receiver: IPv4Address, isChecksumVerified: Bool = false
    ) throws(WireError) {
        guard bytes.byteCount >= Self.length else { throw .truncated(.udpHeader) }
        source = Port(rawValue: bytes.word16(0))
        destination = Port(rawValue: bytes.word16(2))
        totalLength = bytes.word16(4)
        guard totalLength >= 8 else { throw .malformed(.udpLength) }
        guard Int(totalLength) <= bytes.byteCount else { throw .truncated(.udpLength) }
        guard destination != .any else { throw .malformed(.udpHeader) }
        guard !isChecksumVerified, bytes.word16(6) != 0 else { return }
        var checksum = InternetChecksum(pseudoHeader: sender, receiver, .udp, length: Int(totalLength))
        checksum.add(bytes.extracting(0..<Int(totalLength)))
        guard checksum.isValid else { throw .checksum(.udpHeader) }
    }

    /// Writes the header to the first 8 bytes of `bytes`, and the checksum over `totalLength` bytes of it: the payload is there
    /// already. Traps when there are fewer bytes.
    public func emit(into bytes: inout MutableRawSpan, from sender: IPv4Address, to receiver: IPv4Address) {
        bytes.set(0, source.rawValue)
        bytes.set(2, destination.rawValue)
        bytes.set(4, totalLength)
        bytes.set(6, UInt16(0))
        var checksum = InternetChecksum(pseudoHeader: sender, receiver, .udp, length: Int(totalLength))
        checksum.add(bytes.bytes.extracting(0..<Int(totalLength)))
        // 0 means that there is no checksum; its other form is sent (RFC 768).
        bytes.set(6, checksum.value == 0 ? 0xFFFF : checksum.value)
    }
}
