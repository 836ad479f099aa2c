import DHCP
import Interfaces
import Network
import Runtime
import Sockets

/// Gives an interface its address and routes: written down, from a DHCP server, or its own. Runs as a task beside the application, which never
/// waits for it: `waitUntilConfigured` is for those that want to.
public final class AddressService: LinkObserver {
    private let host: IPHost
    private let interface: InterfaceID
    private var configuration: AddressConfiguration
    private let socket: UDPSocket
    /// Links, packets and datagrams raise it.
    private let work = Signal()
    private let waiting = WaitQueue()
    /// ARP packets that have come and were not looked at; when there are too many, the oldest go.
    private var packets: [ARPPacket] = []
    /// Called with each configuration that comes into use, and with nil when there is none any more.
    public var onChange: ((InterfaceConfiguration?) -> Void)?

    private static let packetLimit = 32

    /// A service for `interface`.
    /// - Throws: `.inUse` when another one has the port of DHCP clients on this host, `.full`.
    public init(
        _ host: IPHost, on interface: InterfaceID, _ policy: AddressConfiguration.Policy, hostName: DomainName? = nil,
        remembered: IPv4Address? = nil, seed: UInt64
    ) throws(SocketError) {
        self.host = host
        self.interface = interface
        socket = try host.openUDP(on: 68, on: interface)
        // An address is of use at once; that nobody else has it is found out meanwhile.
        configuration = AddressConfiguration(
            policy, hardware: host.stack.hardwareAddress(of: interface), hostName: hostName, remembered: remembered,
            check: .meanwhile, seed: seed)
        socket.onReadable = work
        host.stack.observeARP(true, on: interface)
        host.add(self)
    }

    /// What is in use; nil while there is nothing.
    public var current: InterfaceConfiguration? { configuration.current }

    /// How the DHCP client stands.
    public var state: DHCPClient.State { configuration.client.state }

    /// Waits until the interface has an address.
    /// - Throws: `.timedOut` at `deadline`, `.cancelled`.
    public func waitUntilConfigured(until deadline: Instant = .never) throws(TaskError) {
        while configuration.current == nil { try waiting.wait(until: deadline, for: "an address") }
    }

    /// Looks after the address until the task is cancelled; then gives it back.
    public func run() throws(TaskError) {
        var isUp = false
        while true {
            do throws(TaskError) {
                if host.stack.isUp(interface) != isUp {
                    isUp.toggle()
                    let isUp = isUp
                    step { configuration, now, sink in
                        configuration.linkChanged(isUp: isUp, now: now, into: &sink)
                    }
                }
                takePackets()
                takeDatagrams()
                step { configuration, now, sink in configuration.advance(to: now, into: &sink) }
                try work.wait(until: configuration.deadline)
            } catch {
                if error == .timedOut { continue }
                step { configuration, now, sink in configuration.stop(now: now, into: &sink) }
                throw error
            }
        }
    }

    // MARK: Input

    /// Part of `LinkObserver`.
    public func linkChanged(_ interface: InterfaceID, isUp: Bool) { if interface == self.interface { work.raise() } }

    /// Part of `LinkObserver`.
    public func received(_ packet: ARPPacket, on interface: InterfaceID) {
        guard interface == self.interface else { return }
        if packets.count == Self.packetLimit { packets.removeFirst() }
        packets.append(packet)
        work.raise()
    }

    private func takePackets() {
        let arrived = packets
        packets.removeAll(keepingCapacity: true)
        for packet in arrived {
            step { configuration, now, sink in configuration.receive(packet, now: now, into: &sink) }
        }
    }

    private func takeDatagrams() {
        var buffer = [UInt8](repeating: 0, count: 1500)
        while let length = take(into: &buffer) {
            let bytes = unsafe buffer.span.bytes.extracting(0..<min(length, buffer.count))
            step { configuration, now, sink in configuration.receive(dhcp: bytes, now: now, into: &sink) }
        }
    }

    /// The length of the next datagram from a server; nil when none waits.
    private func take(into buffer: inout [UInt8]) -> Int? {
        var span = buffer.mutableSpan
        // Bytes: every pattern of bits is a value.
        var raw = unsafe span.mutableBytes
        guard let datagram = socket.receiveNow(into: &raw) else { return nil }
        return datagram.sender.port == 67 ? datagram.length : 0
    }

    // MARK: Output

    private func step(
        _ body: (inout AddressConfiguration, Instant, inout ConfigurationSink) -> AddressConfiguration.Event?
    ) {
        var sink = ConfigurationSink(host, interface, socket)
        let event = body(&configuration, SystemTime.now, &sink)
        host.flush()
        switch event {
        case nil: break
        case .conflict: Logger(label: "network").warning("another station has this address")
        case .changed(let new): apply(new)
        }
    }

    private func apply(_ new: InterfaceConfiguration?) {
        host.withStack { stack, now, sink in
            stack.setAddress(new?.address, of: interface, now: now, into: &sink)
            stack.removeRoutes(of: .lease, on: interface)
            for route in new?.routes ?? [] {
                // The first interface is preferred where two lead to the same place.
                let metric = UInt16(interface.rawValue)
                try? stack.addRoute(
                    to: route.destination, by: route.gateway, on: interface, metric: metric, owner: .lease)
            }
        }
        if new != nil { waiting.wakeAll() }
        onChange?(new)
    }
}
