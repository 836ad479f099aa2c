import DHCP
import Interfaces
import Network
import RaspberryPi4
import RaspberryPi4Network
import Resolving
import Runtime
import Sockets
import StationAddresses
import TimeKeeping

/// Asks servers for the time, and prints it every ten seconds, with how far it may be from the truth.
@main
struct TimeOfDay {
    static func main() {
        Board.start()
        do throws(DeviceError) {
            let (host, addresses) = try Board.startNetwork(.automatic(fallback: AddressConfiguration.usualFallback))
            try? addresses.waitUntilConfigured(until: SystemTime.now + .seconds(60))
            let servers = findServers(host, addresses)
            printLine("time: asking \(servers.count) servers")
            let service = TimeService(host, servers: servers)
            service.onStep = { printLine("time: set") }
            try? Task.spawn("time") { () throws(TaskError) in try? service.run() }.detach()
            show()
        } catch {
            printLine(
                error == .absent ? "time: there is no network here" : "time: the network does not start: \(error)")
        }
    }

    /// Those that DHCP names, or else some of the public pool.
    private static func findServers(_ host: IPHost, _ addresses: AddressService) -> [IPAddress] {
        if let named = addresses.current?.timeServers, !named.isEmpty { return named.map { IPAddress($0) } }
        let names = NameService(host)
        names.configure(addresses.current)
        return Array(((try? names.resolve("pool.ntp.org")) ?? []).prefix(4))
    }

    private static func show() {
        var next = SystemTime.now
        while (try? Task.sleep(until: next)) != nil {
            if let now = WallClock.now {
                let time = CivilTime(secondsSince1970: now.seconds)
                let micro = now.uncertainty.nanoseconds / 1000
                printLine("time: \(time) UTC, give or take \(decimal: micro, 3) ms")
            } else {
                printLine("time: not known yet")
            }
            next = next + .seconds(10)
        }
    }
}
