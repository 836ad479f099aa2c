import DHCP
import HTTP
import Interfaces
import Network
import RaspberryPi4
import RaspberryPi4Network
import Runtime
import Sockets
import StationAddresses
import Web

/// Serves 1 KiB at `/1k`, and says at `/busy` for how many nanoseconds the processor was at work so far, at `/memory` how much is taken.
@main
struct BenchHTTP {
    static func main() {
        Board.start()
        do throws(DeviceError) {
            let (host, addresses) = try Board.startNetwork(.automatic(fallback: AddressConfiguration.usualFallback))
            addresses.onChange = { new in if new != nil { printLine("bench http ready") } }
            try? serve(host)
        } catch { printLine("bench http no network") }
    }

    private static func serve(_ host: IPHost) throws(SocketError) {
        let server = HTTPServer(host)
        let content = [UInt8](repeating: 0x78, count: 1024)
        server.on(.get, "/1k") { (exchange) throws(HTTPError) in try exchange.respond(content, type: "text/plain") }
        server.on(.get, "/busy") { (exchange) throws(HTTPError) in
            let busy = SystemTime.now.nanoseconds - Tasks.idleTime.nanoseconds
            try exchange.respond("\(busy)")
        }
        server.on(.get, "/memory") { (exchange) throws(HTTPError) in
            let memory = Memory.statistics
            try exchange.respond("\(memory.committed) \(host.stack.timeWaitCount) \(memory.inUse)")
        }
        try server.run()
    }
}
