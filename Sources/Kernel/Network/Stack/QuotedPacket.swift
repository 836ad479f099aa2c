/// The packet that an ICMP error is about, as far as the error quotes it: its header and eight bytes (RFC 792). Whoever sent the error chose
/// these bytes: nothing in them is trusted but what names a flow, and a number that the flow must know.
struct QuotedPacket {
    let payloadProtocol: IPProtocol
    let source: IPv4Address
    let destination: IPv4Address
    let totalLength: Int
    let sourcePort: Port
    let destinationPort: Port
    /// TCP's sequence number, or what stands in its place.
    let sequence: UInt32

    /// Reads the quotation behind the eight bytes of an ICMP error; nil when it is too short, or no IPv4.
    init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= 20, bytes.byte(0) >> 4 == 4 else { return nil }
        let length = Int(bytes.byte(0) & 0xF) * 4
        guard length >= 20, bytes.byteCount >= length + 8 else { return nil }
        // Of a later fragment these are not the ports.
        guard bytes.word16(6) & 0x1FFF == 0 else { return nil }
        totalLength = Int(bytes.word16(2))
        payloadProtocol = IPProtocol(rawValue: bytes.byte(9))
        source = bytes.ipv4Address(12)
        destination = bytes.ipv4Address(16)
        sourcePort = Port(rawValue: bytes.word16(length))
        destinationPort = Port(rawValue: bytes.word16(length + 2))
        sequence = bytes.word32(length + 4)
    }
}
