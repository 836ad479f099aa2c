import DHCP
import Interfaces
import IperfEngine
import Network
import RaspberryPi4
import RaspberryPi4Network
import Resolving
import Runtime
import Settings
import Sockets
import StationAddresses
import TimeKeeping

/// The network: started when a command first asks for it, with an address as the settings say, or by DHCP.
final class ShellNetwork {
    let host: IPHost
    let names: NameService
    /// Who looks after the interface's address.
    let addresses: AddressService

    /// Who looks after the address of adapters on USB beside the first interface.
    private var usbAddresses: AddressService?
    /// Who keeps the time of day, once somebody has said whom to ask.
    private(set) var time: TimeService?
    private var timeTask: Task?

    /// The first interface: the board's own Ethernet, or adapters on USB where there is none.
    static let interface = InterfaceID(rawValue: 1)

    private init(_ host: IPHost, _ addresses: AddressService) {
        self.host = host
        self.addresses = addresses
        names = NameService(host)
    }

    /// Starts it.
    static func start(_ settings: Settings) throws(CommandError) -> ShellNetwork {
        do throws(DeviceError) {
            let (host, addresses) = try Board.startNetwork(
                policy(settings), hostName: DomainName(settings.hostName.utf8))
            let network = ShellNetwork(host, addresses)
            let names = network.names
            let servers = settings.nameServers.map { IPv4Address(bits: $0) }
            addresses.onChange = { new in
                // What was set wins over what a server says.
                var new = new
                if !servers.isEmpty { new?.nameServers = servers }
                names.configure(new)
            }
            return network
        } catch {
            throw .failed("network: \(error)")
        }
    }

    private static func policy(_ settings: Settings) -> AddressConfiguration.Policy {
        if let own = settings.address,
            let address = InterfaceAddress(IPv4Address(bits: own.address), prefixLength: own.prefixLength)
        {
            let gateway = settings.gateway.map { IPv4Address(bits: $0) }
            return .fixed(InterfaceConfiguration(fixed: address, gateway: gateway))
        }
        return settings.usesDHCP ? .automatic(fallback: AddressConfiguration.usualFallback) : .linkLocal
    }

    /// The device below the first interface.
    var device: any NetworkDevice {
        get throws(CommandError) {
            guard let device = host.device(of: Self.interface) else { throw .failed("there is no device") }
            return device
        }
    }

    /// Puts an interface for adapters on USB beside the board's own, with an address by DHCP, or one of its own.
    func addUSB() throws(CommandError) {
        do throws(DeviceError) {
            let id = try Board.addUSBInterface(host)
            if id == Self.interface || usbAddresses != nil { return }
            usbAddresses = try Board.startAddresses(
                host, on: id, .automatic(fallback: AddressConfiguration.usualFallback))
        } catch { throw .failed("USB: \(error)") }
    }

    /// Gives the interface an address, and a way out of its network; nil takes them away.
    func setAddress(_ address: InterfaceAddress?, gateway: IPv4Address?) {
        // An address that stays would keep its routes.
        host.withStack { stack, _, _ in
            stack.removeRoutes(of: .user, on: Self.interface)
            stack.removeRoutes(of: .lease, on: Self.interface)
        }
        host.setAddress(address, gateway: gateway, on: Self.interface)
    }

    /// Waits until the interface has an address, for as long as it takes to agree on a link and to find one at most.
    func awaitAddress() throws(CommandError) {
        do throws(SocketError) {
            try host.waitForLink(of: Self.interface, until: SystemTime.now + .seconds(5))
        } catch {
            throw error == .cancelled ? .cancelled : .failed("the link is down")
        }
        if host.stack.address(of: Self.interface) != nil { return }
        do throws(TaskError) {
            try addresses.waitUntilConfigured(until: SystemTime.now + .seconds(20))
        } catch {
            throw error == .cancelled ? .cancelled : .failed("there is no address")
        }
    }

    /// Asks `servers` for the time of day from now on, and no others.
    func keepTime(servers: [IPAddress]) throws(CommandError) {
        timeTask = nil
        let service = TimeService(host, servers: servers)
        do throws(TaskError) {
            timeTask = try Task.spawn("time") { () throws(TaskError) in try? service.run() }
        } catch { throw .failed("no memory for another task") }
        time = service
    }

    /// The address that `word` is or names.
    func address(_ word: [UInt8]) throws(CommandError) -> IPAddress {
        let name = String(decoding: word, as: UTF8.self)
        do throws(ResolveError) {
            let addresses = try names.resolve(name)
            guard let first = addresses.first else { throw .noData }
            return first
        } catch {
            throw CommandError(error, about: word)
        }
    }
}

extension CommandError {
    /// What `error` says about the name `word`.
    init(_ error: ResolveError, about word: [UInt8]) {
        self = error == .cancelled ? .cancelled : .failed("\(word): \(error.description)")
    }

    /// What `error` says.
    init(_ error: SocketError) { self = error == .cancelled ? .cancelled : .failed("\(error.text)") }
}

extension Session {
    /// The network, started if it does not run yet.
    func network() throws(CommandError) -> ShellNetwork { try shell.openNetwork() }

    /// The network once its interface has an address.
    func networkWithAddress() throws(CommandError) -> ShellNetwork {
        let network = try network()
        try network.awaitAddress()
        return network
    }
}
