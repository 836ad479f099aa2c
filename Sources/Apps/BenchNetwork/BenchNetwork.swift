import Boot
import DHCP
import Interfaces
import Network
import RaspberryPi4
import RaspberryPi4Network
import Runtime
import Sockets

/// Counts what a segment costs: port 9 takes a stream, port 19 sends one of 16 MiB. Port 11 keeps connections, see `IdleConnections`.
@main
struct BenchNetwork {
    static func main() {
        Board.start()
        do throws(DeviceError) {
            let host = try Board.startNetwork()
            host.setAddress(
                InterfaceAddress(IPv4Address(10, 0, 2, 15), prefixLength: 24), gateway: IPv4Address(10, 0, 2, 2))
            let idle = try? Task.spawn("idle") { () throws(TaskError) in try? IdleConnections.serve(host) }
            idle?.detach()
            try? serve(host)
        } catch { printLine("bench network no network") }
    }

    private static func serve(_ host: IPHost) throws(SocketError) {
        let sink = try host.listen(on: 9)
        let source = try host.listen(on: 19)
        printLine("bench network ready")
        while true {
            let one = try sink.accept()
            measure(host, "receive") { () throws(SocketError) in
                while try one.read({ $0.byteCount }) > 0 {}
            }
            one.finish()
            let two = try source.accept()
            let bytes = [UInt8](repeating: 7, count: 64 << 10)
            measure(host, "send") { () throws(SocketError) in
                for _ in 0..<256 { try two.write(unsafe bytes.span.bytes) }
                try two.flush()
            }
            two.finish()
        }
    }

    private static func measure(_ host: IPHost, _ name: StaticString, _ body: () throws(SocketError) -> Void) {
        let before = host.stack.statistics
        let (start, idle) = (SystemTime.now, Tasks.idleTime)
        try? body()
        let busy = (SystemTime.now - start).nanoseconds - (Tasks.idleTime.nanoseconds - idle.nanoseconds)
        let after = host.stack.statistics
        let received = after.receivedSegments - before.receivedSegments
        let sent = after.sentSegments - before.sentSegments
        printLine(
            "bench \(name) busy \(busy) received \(received) sent \(sent) per received \(busy / max(received, 1)) per sent \(busy / max(sent, 1))"
        )
    }
}
