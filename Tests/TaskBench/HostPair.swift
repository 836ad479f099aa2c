import Interfaces
import Network
import Runtime
import Sockets

/// Two hosts, 10.0.0.1 and 10.0.0.2, at the ends of a cable.
package final class HostPair {
    /// 10.0.0.1.
    package let left: IPHost
    /// 10.0.0.2.
    package let right: IPHost
    /// What connects them.
    package let cable: Cable

    /// The addresses.
    package static let leftAddress = IPv4Address(10, 0, 0, 1)
    package static let rightAddress = IPv4Address(10, 0, 0, 2)

    private init(seed: UInt64, _ configuration: NetworkStack.Configuration) throws(TaskError) {
        cable = try Cable(seed: seed)
        left = IPHost(key: SecretKey(seed, 1), configuration: configuration)
        right = IPHost(key: SecretKey(seed, 2), configuration: configuration)
    }

    /// Runs `body` with a pair whose network tasks run, in a runtime of its own, and takes everything down. The hosts have what `wrap`
    /// makes of the cable's ends.
    package static func run(
        seed: UInt64 = 1, configuration: NetworkStack.Configuration = NetworkStack.Configuration(),
        wrap: (any NetworkDevice) -> any NetworkDevice = { $0 }, _ body: (HostPair) throws -> Void
    ) throws {
        try VirtualProcessor.run {
            let pair = try HostPair(seed: seed, configuration)
            let first = try pair.start(pair.left, 0, leftAddress, wrap)
            let second = try pair.start(pair.right, 1, rightAddress, wrap)
            // Both links are looked at.
            try Task.sleep(for: .milliseconds(1))
            defer { pair.cable.cut() }
            try body(pair)
            first.cancel()
            second.cancel()
            try first.join()
            try second.join()
        }
    }

    private func start(
        _ host: IPHost, _ index: Int, _ address: IPv4Address, _ wrap: (any NetworkDevice) -> any NetworkDevice
    ) throws(TaskError) -> Task {
        let end = cable.ends[index]
        end.work = host.work
        _ = try? host.attach(wrap(end), name: "cable")
        host.setAddress(InterfaceAddress(address, prefixLength: 24), gateway: nil)
        return try Task.spawn("network") { () throws(TaskError) in try host.run() }
    }
}
