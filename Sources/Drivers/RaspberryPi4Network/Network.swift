import StationAddresses
import DHCP
import Interfaces
import Network
import RNG200
import RaspberryPi4
import Runtime
import Sockets
import SystemTimer

extension Board {
    nonisolated(unsafe) private static var host: IPHost?

    /// Starts the network on every interface that the board has, once; later calls give the same. Its task runs from then on; addresses are
    /// the caller's to set, or a configuration service's.
    ///
    /// Throws `.absent` without an interface, what the driver of the Ethernet throws, and `.unsupported` when memory is exhausted.
    public static func startNetwork(
        configuration: NetworkStack.Configuration = NetworkStack.Configuration(), spareBuffers: Int = 256
    ) throws(DeviceError) -> IPHost {
        let ethernet = try openEthernet(spareBuffers: spareBuffers)
        let key = try networkKey()
        // From here on nothing waits that could let another task in.
        if let running = unsafe host { return running }
        let started = IPHost(key: key, configuration: configuration)
        do throws(SocketError) { _ = try started.attach(ethernet.device, name: "ethernet") } catch {
            throw .unsupported("another interface")
        }
        ethernet.work = started.work
        do throws(TaskError) {
            try Task.spawn("network") { () throws(TaskError) in try started.run() }.detach()
        } catch {
            throw .unsupported("memory for the network's task")
        }
        unsafe host = started
        return started
    }

    /// Starts the network, and a task that gives its first interface an address. Returns before there is one.
    ///
    /// Throws as `startNetwork`.
    public static func startNetwork(
        _ policy: AddressConfiguration.Policy, hostName: DomainName? = nil,
        configuration: NetworkStack.Configuration = NetworkStack.Configuration()
    ) throws(DeviceError) -> (host: IPHost, addresses: AddressService) {
        let host = try startNetwork(configuration: configuration)
        let service: AddressService
        do throws(SocketError) {
            service = try AddressService(
                host, on: InterfaceID(rawValue: 1), policy, hostName: hostName, seed: host.stack.randomNumber())
        } catch { throw .unsupported("another address service") }
        do throws(TaskError) {
            try Task.spawn("addresses") { () throws(TaskError) in try service.run() }.detach()
        } catch { throw .unsupported("memory for the task of addresses") }
        return (host, service)
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
