import DHCP
import HTTP
import Interfaces
import MDNS
import Metrics
import Network
import RaspberryPi4
import RaspberryPi4Network
import Runtime
import Sockets
import StationAddresses
import Storage
import TimeKeeping
import Web
import ZeroConfiguration

/// A board that is opened in a browser: the files of the card's `www/`, a page about the board, and its measurements.
@main
struct WebServer {
    static func main() {
        Board.start()
        let files = openFiles()
        do throws(DeviceError) {
            let (host, addresses) = try Board.startNetwork(.automatic(fallback: AddressConfiguration.usualFallback))
            let names = LocalNames(
                host, on: InterfaceID(rawValue: 1), "apus",
                services: [MDNSServiceInstance("Apus", type: "_http._tcp", port: 80, texts: [Array("path=/".utf8)])])
            addresses.onChange = { new in
                printLine(new.map { "web: http://\($0.address.address)/" } ?? "web: no address")
                names.addressChanged()
                if let servers = new?.timeServers, !servers.isEmpty { keepTime(host, servers) }
            }
            start("names") { try? names.run() }
            serve(host, files)
        } catch {
            printLine(error == .absent ? "web: there is no network here" : "web: the network does not start: \(error)")
        }
    }

    private static func start(_ name: StaticString, _ body: @escaping () -> Void) {
        do throws(TaskError) { try Task.spawn(name) { body() }.detach() } catch {
            printLine("web: no memory for the task \(name)")
        }
    }

    nonisolated(unsafe) private static var keepsTime = false

    /// Asks the servers that DHCP has named for the time of day, from then on.
    private static func keepTime(_ host: IPHost, _ servers: [IPv4Address]) {
        if unsafe keepsTime { return }
        unsafe keepsTime = true
        let service = TimeService(host, servers: servers.map { IPAddress($0) })
        start("time") { try? service.run() }
    }

    private static func serve(_ host: IPHost, _ files: StaticFiles?) {
        let server = HTTPServer(host)
        server.clock = { WallClock.seconds }
        let status = BoardStatus(server, host)
        server.on(.get, "/") { (exchange) throws(HTTPError) in
            do throws(HTTPError) {
                guard let files else { throw .status(.notFound) }
                try files.respond(exchange, "")
            } catch {
                guard error == .status(.notFound) else { throw error }
                try exchange.respond(constant: StatusPage.text, type: StatusPage.mediaType)
            }
        }
        server.on(.get, "/status") { (exchange) throws(HTTPError) in
            try exchange.respond(constant: StatusPage.text, type: StatusPage.mediaType)
        }
        server.on(.get, "/status.json") { (exchange) throws(HTTPError) in
            exchange.add("Cache-Control", "no-store")
            try exchange.respond(status.json, type: "application/json")
        }
        server.on(.get, "/live") { (exchange) throws(HTTPError) in
            try sendValues(status, to: try exchange.upgradeToWebSocket(limit: 1024))
        }
        server.on(.get, "/metrics") { (exchange) throws(HTTPError) in
            try exchange.respond(status.metrics, type: MetricsText.mediaType)
        }
        if let files {
            server.on(.get, "/{*}") { (exchange, path: Text) throws(HTTPError) in try files.respond(exchange, path) }
        }
        do throws(SocketError) { try server.run() } catch { printLine("web: the port is taken, or memory is") }
    }

    /// The values of the page, once a second, as long as somebody looks.
    private static func sendValues(_ status: BoardStatus, to socket: WebSocketConnection) throws(HTTPError) {
        var next = SystemTime.now
        while true {
            try socket.send(status.json)
            next = next + .seconds(1)
            do throws(HTTPError) {
                while try socket.receive(until: next) != nil {}
                return
            } catch {
                guard error == .connection(.timedOut) else { throw error }
            }
        }
    }

    /// The card's files; nil without a card that has a FAT file system.
    private static func openFiles() -> StaticFiles? {
        do throws(FileError) {
            let slot: Board.CardSlot
            do throws(BlockError) { slot = try Board.openCard() } catch { throw .device(error) }
            let volume = try FATVolume(firstOn: SharedBlockDevice(slot), exclusion: TaskExclusion()) {
                WallClock.seconds.map { FATTimestamp(secondsSince1970: $0) }
            }
            printLine("web: files of www/ on the card")
            return StaticFiles(volume, root: "www")
        } catch {
            printLine("web: no files, for \(error.description)")
            return nil
        }
    }
}
