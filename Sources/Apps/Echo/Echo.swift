import DHCP
import Interfaces
import StationAddresses
import Network
import RaspberryPi4
import RaspberryPi4Network
import Runtime
import Sockets

/// Sends back whatever arrives on TCP port 7 (RFC 862).
@main
struct Echo {
    static func main() {
        Board.start()
        do throws(DeviceError) {
            let (host, addresses) = try Board.startNetwork(.automatic(fallback: AddressConfiguration.usualFallback))
            addresses.onChange = { new in
                printLine(new.map { "echo: at \($0.address.address)" } ?? "echo: no address")
            }
            try? serve(host)
        } catch {
            printLine(error == .absent ? "echo: there is no network here" : "echo: the network does not start")
        }
    }

    private static func serve(_ host: IPHost) throws(SocketError) {
        let listener = try host.listen(on: 7)
        printLine("echo: ready")
        while true {
            let connection = try listener.accept()
            do throws(TaskError) {
                // A small stack takes one slot of addresses: there is room for 16,000.
                try Task.spawn("echo", stackSize: 32 << 10) { () throws(TaskError) in try? echo(connection) }.detach()
            } catch {
                printLine("echo: no memory for another task")
            }
        }
    }

    private static func echo(_ connection: TCPConnection) throws(SocketError) {
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = try fill(&bytes, from: connection)
            if count == 0 { return }
            try connection.write(unsafe bytes.span.bytes.extracting(0..<count))
        }
    }

    private static func fill(_ bytes: inout [UInt8], from connection: TCPConnection) throws(SocketError) -> Int {
        var span = bytes.mutableSpan
        // Bytes: every pattern of bits is a value.
        var raw = unsafe span.mutableBytes
        return try connection.read(into: &raw)
    }
}
