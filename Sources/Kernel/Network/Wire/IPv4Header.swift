/// The header of an IPv4 datagram (RFC 791 section 3.1). Options are checked for their form and skipped.
@frozen
public struct IPv4Header: Equatable, Sendable {
    /// Bytes of a header without options, which is how headers are written.
    public static var length: Int { 20 }
    /// The datagram that every host takes in one piece or reassembled, in bytes (RFC 1122 section 3.3.2).
    public static var minimumReassemblySize: Int { 576 }
    /// The smallest link there can be, in bytes (RFC 791 section 3.2).
    public static var minimumLinkSize: Int { 68 }

    /// Differentiated services (RFC 2474) in bits 7 to 2, congestion notification (RFC 3168) in bits 1 and 0.
    public var typeOfService: UInt8 = 0
    /// Header and payload, in bytes.
    public var totalLength: UInt16
    /// Tells the fragments of one datagram from those of another.
    public var identification: UInt16 = 0
    /// Routers are not to fragment the datagram.
    public var dontFragment = true
    /// Fragments with higher offsets exist.
    public var moreFragments = false
    /// Where the payload lies in the datagram's, in bytes: a multiple of 8 up to 65528.
    public var fragmentOffset: UInt16 = 0
    /// How many more routers may pass the datagram on.
    public var timeToLive: UInt8 = 64
    /// What the datagram carries.
    public var payloadProtocol: IPProtocol
    /// Who sent it.
    public var source: IPv4Address
    /// Whom it is for.
    public var destination: IPv4Address
    /// Bytes of the header as it was read, options included: 20 to 60.
    public private(set) var headerLength: UInt8 = 20
    /// Whether the options name a route to take, loose or strict.
    public private(set) var hasSourceRoute = false

    /// The header of a datagram with `payloadLength` bytes of payload (65515 at most), not to be fragmented.
    public init(
        _ payloadProtocol: IPProtocol, from source: IPv4Address, to destination: IPv4Address, payloadLength: Int
    ) {
        precondition(payloadLength >= 0 && payloadLength <= 65515, "an IPv4 payload has 0 to 65515 bytes")
        totalLength = UInt16(payloadLength + 20)
        self.payloadProtocol = payloadProtocol
        self.source = source
        self.destination = destination
    }

    /// Where the payload lies, in bytes from the start of the datagram.
    public var payload: Range<Int> { Int(headerLength)..<Int(totalLength) }

    /// Whether this is a part of a datagram.
    public var isFragment: Bool { moreFragments || fragmentOffset != 0 }

    /// Reads the header of `datagram` and checks everything in it: the version, the lengths, the checksum, the form of the options, and
    /// that the last byte of a fragment has a place within 65535. What follows `totalLength` is padding.
    /// - Parameter isChecksumVerified: somebody, such as the device, has checked the checksum.
    /// - Throws: `.truncated`, `.malformed` or `.checksum`, with the field.
    public init(parsing datagram: RawSpan, isChecksumVerified: Bool = false) throws(WireError) {
        guard datagram.byteCount >= 20 else { throw .truncated(.ipv4Header) }
        let first = datagram.byte(0)
        guard first >> 4 == 4 else { throw .malformed(.ipv4Version) }
        headerLength = (first & 0xF) * 4
        guard headerLength >= 20 else { throw .malformed(.ipv4HeaderLength) }
        guard datagram.byteCount >= Int(headerLength) else { throw .truncated(.ipv4Options) }
        totalLength = datagram.word16(2)
        guard totalLength >= UInt16(headerLength) else { throw .malformed(.ipv4TotalLength) }
        guard datagram.byteCount >= Int(totalLength) else { throw .truncated(.ipv4TotalLength) }
        if !isChecksumVerified {
            guard Self.sum(datagram, Int(headerLength)) == 0xFFFF else { throw .checksum(.ipv4Header) }
        }
        typeOfService = datagram.byte(1)
        identification = datagram.word16(4)
        let fragment = datagram.word16(6)
        dontFragment = fragment & 0x4000 != 0
        moreFragments = fragment & 0x2000 != 0
        fragmentOffset = (fragment & 0x1FFF) << 3
        timeToLive = datagram.byte(8)
        payloadProtocol = IPProtocol(rawValue: datagram.byte(9))
        source = datagram.ipv4Address(12)
        destination = datagram.ipv4Address(16)
        if headerLength > 20 { hasSourceRoute = try Self.scanOptions(datagram.extracting(20..<Int(headerLength))) }
        let end = Int(fragmentOffset) + payload.count
        guard end <= 65535 - 20, !moreFragments || (payload.count > 0 && payload.count & 7 == 0) else {
            throw .malformed(.ipv4FragmentOffset)
        }
    }

    /// Writes header and checksum to the first 20 bytes of `datagram`. Traps when there are fewer, and on a fragment offset that is no
    /// multiple of 8.
    public func emit(into datagram: inout MutableRawSpan) {
        precondition(fragmentOffset & 7 == 0, "fragments begin at multiples of 8")
        precondition(datagram.byteCount >= 20, "an IPv4 header has 20 bytes")
        let fragment = (dontFragment ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0) | fragmentOffset >> 3
        let first = 0x4500_0000 | UInt32(typeOfService) << 16 | UInt32(totalLength)
        let second = UInt32(identification) << 16 | UInt32(fragment)
        let third = UInt32(timeToLive) << 24 | UInt32(payloadProtocol.rawValue) << 16
        // The words are at hand: they are added up here rather than read back.
        let sum = UInt64(first) + UInt64(second) + UInt64(third) + UInt64(source.bits) + UInt64(destination.bits)
        datagram.set(0, first)
        datagram.set(4, second)
        datagram.set(8, third | UInt32(~Self.folded(sum)))
        datagram.set(12, source)
        datagram.set(16, destination)
    }

    /// Whether the checksum of the header without options at `offset` is right. Traps when there are fewer than 20 bytes.
    @inline(__always)
    static func hasValidChecksum(_ bytes: RawSpan, at offset: Int) -> Bool {
        let front = UInt64(bytes.word32(offset)) + UInt64(bytes.word32(offset + 4)) + UInt64(bytes.word32(offset + 8))
        return folded(front + UInt64(bytes.word32(offset + 12)) + UInt64(bytes.word32(offset + 16))) == 0xFFFF
    }

    /// The ones' complement sum of the first `length` bytes, a multiple of four.
    @inline(__always)
    private static func sum(_ datagram: RawSpan, _ length: Int) -> UInt16 {
        var sum: UInt64 = 0
        var offset = 0
        while offset < length {
            sum += UInt64(datagram.word32(offset))
            offset += 4
        }
        return folded(sum)
    }

    /// A sum of a few 32-bit words, in 16 bits.
    @inline(__always)
    static func folded(_ sum: UInt64) -> UInt16 {
        let first = (sum >> 32) + (sum & 0xFFFF_FFFF)
        let second = (first >> 16) + (first & 0xFFFF)
        let third = (second >> 16) + (second & 0xFFFF)
        return UInt16(truncatingIfNeeded: (third >> 16) + third)
    }

    /// The header of the whole datagram, of which this is a fragment's: `payloadLength` bytes, 65515 at most, and no options.
    func reassembled(payloadLength: Int) -> IPv4Header {
        var whole = self
        whole.headerLength = 20
        whole.totalLength = UInt16(payloadLength + 20)
        (whole.moreFragments, whole.fragmentOffset) = (false, 0)
        return whole
    }

    /// Walks the options (RFC 791 section 3.1).
    /// - Returns: whether one is a source route.
    private static func scanOptions(_ options: RawSpan) throws(WireError) -> Bool {
        var (offset, hasRoute) = (0, false)
        while offset < options.byteCount {
            let kind = options.byte(offset)
            if kind == 0 { break }
            if kind == 1 {
                offset += 1
                continue
            }
            guard offset + 1 < options.byteCount else { throw .malformed(.ipv4Options) }
            let length = Int(options.byte(offset + 1))
            guard length >= 2, length <= options.byteCount - offset else { throw .malformed(.ipv4Options) }
            if kind == 131 || kind == 137 { hasRoute = true }
            offset += length
        }
        return hasRoute
    }
}
