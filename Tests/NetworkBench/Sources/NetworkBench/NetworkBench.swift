import Interfaces
import Network

/// Sends a stream from one connection to another over a `MemoryLink` and prints how fast it was:
/// `NetworkBench [MEBIBYTES]` (default 1024).
@main
enum NetworkBench {
    static func main() {
        let mebibytes = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 0 : 1024
        let total = max(mebibytes, 1) << 20
        var link = MemoryLink()
        let clock = ContinuousClock()
        let time = clock.measure { link.carry(total) }
        precondition(link.received == total, "the stream did not arrive")
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
        print("bench network.host.apus \(Int(Double(total) * 8 / seconds / 1e6)) Mbit/s")
        print("bench network.host.apus.frames \(link.frames) frames")
        print("bench network.host.apus.block \(MemoryLayout<TransmissionControlBlock>.size) bytes")
    }
}
