/// Names a TCP connection: both addresses and both ports.
@frozen
public struct FlowKey: Hashable, Sendable {
    /// This end's address.
    public let local: IPv4Address
    /// The other end's address.
    public let remote: IPv4Address
    /// This end's port.
    public let localPort: Port
    /// The other end's port.
    public let remotePort: Port

    @inlinable
    init(_ local: IPv4Address, _ localPort: Port, _ remote: IPv4Address, _ remotePort: Port) {
        self.local = local
        self.remote = remote
        self.localPort = localPort
        self.remotePort = remotePort
    }

    /// A number that is hard to steer for whoever does not know `secret`. Multiplication spreads, folding brings the high bits down.
    @inline(__always)
    func hash(_ secret: UInt64) -> UInt32 {
        let addresses = UInt64(remote.bits) << 32 | UInt64(local.bits)
        let ports = UInt64(remotePort.rawValue) << 16 | UInt64(localPort.rawValue)
        var mixed = (addresses ^ secret) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ mixed >> 29 ^ ports) &* (secret | 1)
        return UInt32(truncatingIfNeeded: mixed >> 32)
    }

    /// Calls `body` with the octets that name the flow, in the order in which hashes take them.
    func withOctets<R>(_ body: (RawSpan) -> R) -> R {
        var octets = InlineArray<12, UInt8>(repeating: 0)
        for index in 0..<4 {
            octets[index] = local[index]
            octets[4 + index] = remote[index]
        }
        octets[8] = UInt8(truncatingIfNeeded: localPort.rawValue >> 8)
        octets[9] = UInt8(truncatingIfNeeded: localPort.rawValue)
        octets[10] = UInt8(truncatingIfNeeded: remotePort.rawValue >> 8)
        octets[11] = UInt8(truncatingIfNeeded: remotePort.rawValue)
        return unsafe body(octets.span.bytes)
    }
}
