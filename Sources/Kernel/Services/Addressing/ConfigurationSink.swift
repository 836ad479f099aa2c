import DHCP
import Interfaces
import Network
import Runtime
import Sockets

/// Sends what an address configuration has to send: ARP to the device, DHCP through the stack.
struct ConfigurationSink: FrameSink, DHCPTransport {
    private let host: IPHost
    private let interface: InterfaceID
    private let socket: UDPSocket

    init(_ host: IPHost, _ interface: InterfaceID, _ socket: UDPSocket) {
        self.host = host
        self.interface = interface
        self.socket = socket
    }

    mutating func transmit(
        _ length: Int, on interface: InterfaceID, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) {
        // The configuration knows one interface and calls it number 0.
        var device = host.sink
        device.transmit(length, on: self.interface, checksum: checksum, fill)
    }

    mutating func sendDHCP(
        _ length: Int, from source: IPv4Address, to destination: IPv4Address, _ fill: (inout MutableRawSpan) -> Void
    ) {
        var bytes = [UInt8](repeating: 0, count: length)
        var span = bytes.mutableSpan
        // Bytes: every pattern of bits is a value.
        var raw = unsafe span.mutableBytes
        fill(&raw)
        try? socket.send(unsafe bytes.span.bytes, to: Endpoint(destination, 67), from: source)
    }
}
