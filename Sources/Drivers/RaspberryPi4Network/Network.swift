import CDCEthernet
import DHCP
import Interfaces
import Network
import RNG200
import RaspberryPi4
import RaspberryPi4USB
import Runtime
import Sockets
import StationAddresses
import SystemTimer

extension Board {
    nonisolated(unsafe) private static var host: IPHost?

    /// Starts the network, once; later calls give the same. Its task runs from then on; addresses are the caller's to set, or a
    /// configuration service's. Its interface is the on-board Ethernet, or adapters on USB where there is none, as in an ordinary QEMU;
    /// `addUSBInterface` adds them to the other.
    ///
    /// Throws `.absent` without either, what their drivers throw, and `.unsupported` when memory is exhausted.
    public static func startNetwork(
        configuration: NetworkStack.Configuration = NetworkStack.Configuration(), spareBuffers: Int = 256
    ) throws(DeviceError) -> IPHost {
        let ethernet = try openFirst(spareBuffers)
        let adapter = ethernet == nil ? try openUSBEthernet(spareBuffers: spareBuffers) : nil
        let key = try networkKey()
        // From here on nothing waits that could let another task in.
        if let running = unsafe host { return running }
        let started = IPHost(key: key, configuration: configuration)
        if let ethernet {
            _ = try attach(ethernet.device, to: started, name: "ethernet")
            ethernet.work = started.work
        }
        if let adapter { _ = try attach(adapter, to: started) }
        do throws(TaskError) {
            try Task.spawn("network") { () throws(TaskError) in try started.run() }.detach()
        } catch {
            throw .unsupported("memory for the network's task")
        }
        unsafe host = started
        return started
    }

    /// The on-board Ethernet; nil where there is none.
    private static func openFirst(_ spareBuffers: Int) throws(DeviceError) -> Ethernet? {
        do throws(DeviceError) { return try openEthernet(spareBuffers: spareBuffers) } catch {
            if error == .absent { return nil }
            throw error
        }
    }

    private static func attach(
        _ device: any NetworkDevice, to host: IPHost, name: StaticString
    ) throws(DeviceError) -> InterfaceID {
        do throws(SocketError) { return try host.attach(device, name: name) } catch {
            throw .unsupported("another interface")
        }
    }

    private static func attach(_ adapter: USBEthernet, to host: IPHost) throws(DeviceError) -> InterfaceID {
        let id = try attach(adapter, to: host, name: "usb")
        adapter.work = { [work = host.work] in work.raise() }
        host.work.raise()
        return id
    }

    /// The interface for adapters on USB on a network that runs: the first one's, or one beside it. Its address is the caller's to set.
    ///
    /// Throws as `startNetwork`.
    public static func addUSBInterface(_ host: IPHost) throws(DeviceError) -> InterfaceID {
        let adapter = try openUSBEthernet()
        for id in host.interfaces where host.device(of: id) === adapter { return id }
        return try attach(adapter, to: host)
    }

    /// Starts the network, and a task that gives its first interface an address. Returns before there is one.
    ///
    /// Throws as `startNetwork`.
    public static func startNetwork(
        _ policy: AddressConfiguration.Policy, hostName: DomainName? = nil,
        configuration: NetworkStack.Configuration = NetworkStack.Configuration()
    ) throws(DeviceError) -> (host: IPHost, addresses: AddressService) {
        let host = try startNetwork(configuration: configuration)
        return (host, try startAddresses(host, on: InterfaceID(rawValue: 1), policy, hostName: hostName))
    }

    /// Starts a task that gives an interface its address. Returns before there is one.
    ///
    /// Throws `.unsupported` when memory or ports are exhausted.
    public static func startAddresses(
        _ host: IPHost, on interface: InterfaceID, _ policy: AddressConfiguration.Policy, hostName: DomainName? = nil
    ) throws(DeviceError) -> AddressService {
        let service: AddressService
        do throws(SocketError) {
            service = try AddressService(
                host, on: interface, policy, hostName: hostName, seed: host.stack.randomNumber())
        } catch { throw .unsupported("another address service") }
        do throws(TaskError) {
            try Task.spawn("addresses") { () throws(TaskError) in try service.run() }.detach()
        } catch { throw .unsupported("memory for the task of addresses") }
        return service
    }

    /// 128 bits that nobody can guess, for sequence numbers, cookies and ports.
    private static func networkKey() throws(DeviceError) -> SecretKey {
        var bytes = InlineArray<16, UInt8>(repeating: 0)
        do throws(DeviceError) {
            let source = try openEntropySource()
            var span = bytes.mutableSpan
            var raw = unsafe span.mutableBytes
            try source.fill(&raw)
        } catch {
            // An ordinary QEMU has no generator, and nobody attacks it.
            guard isEmulated else { throw error }
            Logger(label: "network").warning("no entropy source; sequence numbers can be guessed")
            return SecretKey(SystemTime.now.nanoseconds, systemTimer.microseconds)
        }
        var halves: (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            halves.0 = halves.0 << 8 | UInt64(bytes[index])
            halves.1 = halves.1 << 8 | UInt64(bytes[index + 8])
        }
        return SecretKey(halves.0, halves.1)
    }
}
