import DNS
import DHCP
import StationAddresses
import Interfaces
import Network
import Resolving
import Runtime
import ShellCore
import Sockets

// ip: interfaces, addresses, routes, neighbours.

extension Command {
    static var ip: Command {
        Command(
            name: "ip", usage: "[set address/length [gateway] | unset | dns address...]",
            help: "addresses, routes and neighbours; set an address or the name servers",
            arguments: .words(["set", "unset", "dns"])
        ) { (session, words) throws(CommandError) in
            let network = try session.network()
            guard let action = words.first else { return show(network, in: session) }
            let rest = Array(words.dropFirst())
            if action == Array("set".utf8), (1...2).contains(rest.count) {
                guard let address = interfaceAddress(rest[0]) else {
                    throw .failed("\(rest[0]): no address with length")
                }
                network.setAddress(address, gateway: rest.count == 2 ? try ipv4(rest[1]) : nil)
            } else if action == Array("unset".utf8), rest.isEmpty {
                network.setAddress(nil, gateway: nil)
            } else if action == Array("dns".utf8) {
                var servers: [IPv4Address] = []
                for word in rest { servers.append(try ipv4(word)) }
                network.names.configure(ResolverConfiguration(servers: servers))
            } else {
                throw .usage
            }
        }
    }

    /// The address that `word` writes.
    static func ipv4(_ word: [UInt8]) throws(CommandError) -> IPv4Address {
        guard let address = IPv4Address(String(decoding: word, as: UTF8.self)) else {
            throw .failed("\(word): not an IPv4 address")
        }
        return address
    }

    private static func interfaceAddress(_ word: [UInt8]) -> InterfaceAddress? {
        guard let slash = word.firstIndex(of: ASCII.slash),
            let address = IPv4Address(String(decoding: word[..<slash], as: UTF8.self)),
            let length = Number.parse(Array(word[(slash + 1)...])), length <= 32
        else { return nil }
        return InterfaceAddress(address, prefixLength: Int(length))
    }

    private static func show(_ network: ShellNetwork, in session: Session) {
        let host = network.host
        // First gathered, then shown: showing waits for the console, and the stack goes on meanwhile.
        var lines: [Text] = []
        for index in 0..<host.stack.interfaceCount {
            let id = InterfaceID(rawValue: UInt8(index))
            let state: StaticString = host.stack.isUp(id) ? "up" : "down"
            var line: Text = "\(host.name(of: id)): \(state)"
            if id != .loopback { line.append(", \(host.stack.hardwareAddress(of: id))") }
            if let address = host.stack.address(of: id) {
                line.append(", \(address.address)/\(address.network.length)")
            } else {
                line.append(", no address")
            }
            line.append(", \(host.stack.maximumTransmissionUnit(of: id)) bytes")
            lines.append(line)
        }
        if let current = network.addresses.current, current.address == host.stack.address(of: ShellNetwork.interface) {
            lines.append("the address \(origin(current.origin))")
        }
        for route in host.stack.routingTable {
            var line: Text = "route \(route.destination)"
            if let gateway = route.gateway { line.append(" by \(gateway)") }
            line.append(" on \(host.name(of: route.interface))")
            lines.append(line)
        }
        for index in 1..<max(host.stack.interfaceCount, 1) {
            let id = InterfaceID(rawValue: UInt8(index))
            host.stack.forEachNeighbor(of: id) { address, hardware, isConfirmed in
                let note: StaticString = isConfirmed ? "" : ", not heard of lately"
                lines.append("neighbour \(address) is \(hardware)\(note)")
            }
        }
        for server in network.names.servers { lines.append("name server \(server)") }
        for line in lines { session.line(line) }
    }

    private static func origin(_ origin: InterfaceConfiguration.Origin) -> StaticString {
        switch origin {
        case .fixed: "is set"
        case .lease: "was lent by a server"
        case .linkLocal: "is the interface's own choice: good for neighbours only"
        }
    }
}
