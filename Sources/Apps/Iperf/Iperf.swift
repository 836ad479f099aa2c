import StationAddresses
import DHCP
import Interfaces
import IperfEngine
import Network
import RaspberryPi4
import RaspberryPi4Network
import Runtime
import Sockets

/// Measures TCP with whoever has iperf3: a server, one test after another. After each it prints what was measured, and for
/// `apus bench` what a segment costs.
@main
struct Iperf {
    static func main() {
        Board.start()
        do throws(DeviceError) {
            let (host, addresses) = try Board.startNetwork(.automatic(fallback: AddressConfiguration.usualFallback))
            addresses.onChange = { new in
                printLine(new.map { "iperf: at \($0.address.address)" } ?? "iperf: no address")
            }
            serve(host)
        } catch {
            printLine(
                error == .absent ? "iperf: there is no network here" : "iperf: the network does not start: \(error)")
        }
    }

    private static func serve(_ host: IPHost) {
        let server = IperfServer(host) { result in
            switch result {
            case .success(let report):
                for line in report.lines { printLine("iperf: \(line)") }
                for line in report.figures { printLine(line) }
            case .failure(let error): printLine("iperf: \(error.text)")
            }
        }
        do throws(SocketError) {
            try server.run { printLine("iperf: ready on port \(UInt64(IperfServer.standardPort.rawValue))") }
        } catch {
            printLine("iperf: \(error.text)")
        }
    }
}
