import Interfaces
import Network

/// The first byte chooses the parser, bit 7 whether checksums count; the rest is what it reads, in memory of exactly its length. What was
/// read is written again and must read the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard size > 0, let data else { return 0 }
    let bytes = [UInt8](UnsafeBufferPointer(start: data + 1, count: size - 1))
    let choice = data[0]
    do throws(WireError) {
        try parse(bytes.span.bytes, choice & 0x7F, isVerified: choice & 0x80 == 0)
    } catch {
        precondition(error == error)
    }
    return 0
}

private let source = IPv4Address(10, 0, 0, 1)
private let destination = IPv4Address(10, 0, 0, 2)

private func parse(_ bytes: RawSpan, _ choice: UInt8, isVerified: Bool) throws(WireError) {
    switch choice % 8 {
    case 0:
        let header = try EthernetHeader(parsing: bytes)
        precondition(header.payloadOffset <= bytes.byteCount)
        let again = try EthernetHeader(parsing: written(14) { header.emit(into: &$0) }.span.bytes)
        precondition(again.source == header.source && again.type == header.type)
        let rest = bytes.extracting(header.payloadOffset..<bytes.byteCount)
        if header.type == .arp { try parse(rest, 1, isVerified: isVerified) }
        if header.type == .ipv4 { try parse(rest, 2, isVerified: isVerified) }
    case 1:
        let packet = try ARPPacket(parsing: bytes)
        let again = try ARPPacket(parsing: written(28) { packet.emit(into: &$0) }.span.bytes)
        precondition(again == packet)
        exercise(packet)
    case 2: try parseDatagram(bytes, isVerified: isVerified)
    case 3:
        let message = try ICMPv4Message(parsing: bytes)
        let again = try ICMPv4Message(parsing: written(8) { message.emit(into: &$0) }.span.bytes)
        precondition(again.kind == message.kind && again.isError == message.isError)
    case 4: _ = try IGMPMessage(parsing: bytes)
    case 5:
        let header = try UDPHeader(parsing: bytes, from: source, to: destination, isChecksumVerified: isVerified)
        precondition(header.payload.upperBound <= bytes.byteCount)
    case 6:
        let header = try TCPHeader(parsing: bytes, from: source, to: destination, isChecksumVerified: isVerified)
        precondition(header.dataOffset >= 20 && header.dataOffset <= bytes.byteCount)
    default: try parseOptions(bytes)
    }
}

private func parseDatagram(_ bytes: RawSpan, isVerified: Bool) throws(WireError) {
    let header = try IPv4Header(parsing: bytes, isChecksumVerified: isVerified)
    precondition(header.payload.upperBound <= bytes.byteCount)
    _ = IPv4Reception(header, local: InterfaceAddress(destination, prefixLength: 24)) { $0.isMulticast }
    let payload = bytes.extracting(header.payload)
    var responder = ICMPResponder()
    let now = Instant(nanoseconds: 1)
    if let size = responder.errorSize(about: header, payload, isBroadcast: false, now: now) {
        precondition(size <= ICMPResponder.maximumErrorSize)
    }
    _ = responder.echoSize(to: header, payload, isBroadcast: false, now: now)
    guard var pieces = Fragmentation(header, linkSize: 68) else { return }
    var end = 0
    while let piece = pieces.next() {
        precondition(piece.range.lowerBound == end && piece.header.totalLength <= 68)
        end = piece.range.upperBound
    }
    precondition(end == header.payload.count)
}

/// Options that were read fit a header again, and say the same when they are read back.
private func parseOptions(_ bytes: RawSpan) throws(WireError) {
    let options = try TCPOptions(parsing: bytes)
    guard options.encodedLength <= 40 else { return }
    let header = TCPHeader(
        from: 1, to: 2, SegmentHeader(sequence: SequenceNumber(3), flags: .syn, window: 4, options: options))
    let segment = written(20 + options.encodedLength) { header.emit(into: &$0, from: source, to: destination) }
    let again = try TCPHeader(parsing: segment.span.bytes, from: source, to: destination)
    precondition(again == header)
}

/// Shows `packet` to a cache and a claim.
private func exercise(_ packet: ARPPacket) {
    let hardware = HardwareAddress(bits: 0x0200_0000_0001)
    var cache = ARPCache(hardware: hardware, capacity: 2)
    var sink = FrameCounter()
    cache.address = destination
    if cache.resolve(source, now: Instant(nanoseconds: 0), into: &sink) == .waiting {
        cache.hold(20, for: source) { _ in }
    }
    cache.receive(packet, now: Instant(nanoseconds: 1), into: &sink)
    precondition(sink.count <= 3)
    var claim = AddressClaim(hardware: hardware, seed: 1)
    claim.begin(destination, now: Instant(nanoseconds: 0))
    _ = claim.receive(packet, now: Instant(nanoseconds: 1), into: &sink)
}

private struct FrameCounter: FrameSink {
    var count = 0

    mutating func transmit(
        _ length: Int, on interface: InterfaceID, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) {
        _ = written(length, fill)
        count += 1
    }
}

/// `count` bytes that `body` wrote.
private func written(_ count: Int, _ body: (inout MutableRawSpan) -> Void) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xA5, count: count)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    body(&raw)
    return bytes
}
