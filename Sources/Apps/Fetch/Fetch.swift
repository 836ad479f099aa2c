import DHCP
import HTTP
import Interfaces
import Network
import RaspberryPi4
import RaspberryPi4Network
import Resolving
import Runtime
import Sockets
import StationAddresses
import Web

/// Fetches a page over HTTP, prints it, and turns the power off.
@main
struct Fetch {
    /// What is fetched: from the gateway, which in QEMU is the machine it runs on.
    private static let port: Port = 8000

    static func main() {
        Board.start()
        do throws(DeviceError) {
            let (host, addresses) = try Board.startNetwork(.automatic(fallback: AddressConfiguration.usualFallback))
            try? addresses.waitUntilConfigured(until: SystemTime.now + .seconds(30))
            let names = NameService(host)
            names.configure(addresses.current)
            guard let gateway = addresses.current?.routes.first?.gateway,
                let address = HTTPAddress(Array("http://\(gateway.description):\(port.rawValue)/".utf8))
            else { return printLine("fetch: nobody has told where the gateway is") }
            fetch(address, HTTPClient(host, names))
        } catch {
            printLine(
                error == .absent ? "fetch: there is no network here" : "fetch: the network does not start: \(error)")
        }
    }

    private static func fetch(_ address: HTTPAddress, _ client: HTTPClient) {
        do throws(FetchError) {
            let response = try client.fetch(address)
            let content = try response.content()
            printLine(
                "fetch: \(UInt64(response.head.code)), \(response.field("content-type") ?? "no type"), \(content.count) bytes"
            )
            printLine(Text(content))
        } catch {
            printLine("fetch: \(error.description)")
        }
    }
}
