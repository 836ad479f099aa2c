import StationAddresses
import DHCP
import Interfaces
import Network
import PingEngine
import RaspberryPi4
import RaspberryPi4Network
import Runtime
import Sockets

/// Asks the gateway four times whether it is there, and turns the power off.
@main
struct Ping {
    static func main() {
        Board.start()
        do throws(DeviceError) {
            let (host, addresses) = try Board.startNetwork(.automatic(fallback: AddressConfiguration.usualFallback))
            ping(host, addresses)
        } catch {
            printLine(
                error == .absent ? "ping: there is no network here" : "ping: the network does not start: \(error)")
        }
    }

    private static func ping(_ host: IPHost, _ addresses: AddressService) {
        try? addresses.waitUntilConfigured(until: SystemTime.now + .seconds(30))
        guard let gateway = addresses.current?.routes.first?.gateway else {
            return printLine("ping: nobody has told where the gateway is")
        }
        printLine("PING \(gateway): 56 data bytes")
        do throws(SocketError) {
            let statistics = try Pinger(host, IPAddress(gateway)).run(count: 4) { printLine($0) }
            printLine("--- \(gateway) ping statistics ---")
            for line in statistics.lines { printLine(line) }
        } catch {
            printLine("ping: the gateway is not to be reached")
        }
    }
}
