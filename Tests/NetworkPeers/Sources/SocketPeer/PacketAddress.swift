import Glibc

/// A socket for whole frames on an interface.
struct PacketAddress {
    let socket: Int32
    // A `sockaddr_ll` (packet(7)), which Swift's Glibc does not know: family, protocol, number of the interface, 12 bytes for receiving.
    private let raw: [UInt8]

    /// A socket that sends, and receives every frame.
    init(_ interface: String) {
        let everything = UInt16(0x0003).bigEndian
        let index = if_nametoindex(interface)
        socket = Glibc.socket(AF_PACKET, Int32(SOCK_RAW.rawValue), Int32(everything))
        raw =
            withUnsafeBytes(of: UInt16(AF_PACKET)) { Array($0) } + withUnsafeBytes(of: everything) { Array($0) }
            + withUnsafeBytes(of: index) { Array($0) } + [UInt8](repeating: 0, count: 12)
        guard socket >= 0, index > 0 else { SocketPeer.fail("no raw socket on \(interface)") }
    }

    /// Sends a frame; false when there is no room.
    func send(_ frame: [UInt8]) -> Bool {
        raw.withUnsafeBytes { address in
            frame.withUnsafeBytes {
                sendto(
                    socket, $0.baseAddress!, $0.count, Int32(MSG_DONTWAIT),
                    address.assumingMemoryBound(to: sockaddr.self).baseAddress!, socklen_t(address.count)) == $0.count
            }
        }
    }

    /// The six bytes of a hardware address.
    static func hardware(_ text: String) -> [UInt8] {
        let bytes = text.split(separator: ":").compactMap { UInt8($0, radix: 16) }
        guard bytes.count == 6 else { SocketPeer.fail("a hardware address has six bytes") }
        return bytes
    }
}
