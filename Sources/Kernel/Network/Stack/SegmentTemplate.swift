import Interfaces

/// The headers of a connection's frames: what is the same in all of them lies ready, and the rest is filled in.
struct SegmentTemplate {
    /// Ethernet and IPv4 headers, then the ports of TCP's, in the order of sending; the length of the packet and its checksum are zero, and so are
    /// the last two bytes, which belong to the sequence number.
    private var front = InlineArray<5, UInt64>(repeating: 0)
    /// The sum of the IPv4 header's words, the length not among them, and that of the pseudo header's.
    private var headerSum: UInt32 = 0
    private var pseudoSum: UInt32 = 0
    /// Whether the device completes TCP's checksum.
    private(set) var isCompletedByDevice = false

    private static var tcpOffset: Int { EthernetHeader.length + IPv4Header.length }
    private static var optionsOffset: Int { tcpOffset + TCPHeader.minimumLength }

    /// What a device that completes the checksum is told.
    static var checksum: TransmitChecksum {
        TransmitChecksum(from: tcpOffset, at: tcpOffset + TCPHeader.checksumField)
    }

    /// Of no use yet.
    init() {}

    /// The headers of segments of `key` that leave by a device of address `source` to its neighbour `destination`.
    init(
        _ key: FlowKey, to destination: HardwareAddress, from source: HardwareAddress, isCompletedByDevice: Bool
    ) {
        self.isCompletedByDevice = isCompletedByDevice
        var span = front.mutableSpan
        // Bytes: every pattern of bits is a value.
        var bytes = unsafe span.mutableBytes
        EthernetHeader(destination: destination, source: source, type: .ipv4).emit(into: &bytes)
        let ip = EthernetHeader.length
        bytes.set(ip, UInt32(0x4500_0000))
        // DF: the path's size is discovered.
        bytes.set(ip + 4, UInt32(0x0000_4000))
        bytes.set(ip + 8, UInt32(64) << 24 | UInt32(IPProtocol.tcp.rawValue) << 16)
        bytes.set(ip + 12, key.local)
        bytes.set(ip + 16, key.remote)
        bytes.set(Self.tcpOffset, key.localPort.rawValue)
        bytes.set(Self.tcpOffset + 2, key.remotePort.rawValue)
        let addresses = Self.halves(key.local.bits) + Self.halves(key.remote.bits)
        headerSum = 0x4500 + 0x4000 + (64 << 8 | UInt32(IPProtocol.tcp.rawValue)) + addresses
        pseudoSum = addresses + UInt32(IPProtocol.tcp.rawValue)
    }

    private static func halves(_ word: UInt32) -> UInt32 { word >> 16 + word & 0xFFFF }

    /// Writes the frame of `segment`, whose length is that of `frame`; `fill` writes the payload.
    @inline(__always)
    func write(
        _ segment: OutgoingSegment, into frame: inout MutableRawSpan, _ fill: (inout MutableRawSpan) -> Void
    ) {
        let length = frame.byteCount
        for index in 0..<5 { frame.storeBytes(of: front[index], toByteOffset: 8 * index, as: UInt64.self) }
        let packetLength = UInt16(truncatingIfNeeded: length - EthernetHeader.length)
        frame.set(EthernetHeader.length + 2, packetLength)
        frame.set(EthernetHeader.length + 10, ~IPv4Header.folded(UInt64(headerSum + UInt32(packetLength))))
        let offset = length - Self.tcpOffset - segment.payloadCount
        frame.set(Self.tcpOffset + 4, segment.header.sequence.value)
        frame.set(Self.tcpOffset + 8, segment.header.acknowledgement.value)
        let words = UInt32(truncatingIfNeeded: offset) << 26 | UInt32(segment.header.flags.rawValue) << 16
        frame.set(Self.tcpOffset + 12, words | UInt32(segment.header.window))
        let partial = IPv4Header.folded(UInt64(pseudoSum) + UInt64(length - Self.tcpOffset))
        frame.set(Self.tcpOffset + TCPHeader.checksumField, UInt32(partial) << 16)
        if offset > TCPHeader.minimumLength { segment.header.options.emit(into: &frame, at: Self.optionsOffset) }
        if segment.payloadCount > 0 {
            var payload = frame._mutatingExtracting(Self.tcpOffset + offset..<length)
            fill(&payload)
        }
        if isCompletedByDevice { return }
        // The pseudo header's sum stands in the field and is added with the rest.
        let value = InternetChecksum(frame.bytes.extracting(Self.tcpOffset..<length)).value
        frame.set(Self.tcpOffset + TCPHeader.checksumField, value)
    }
}
