import Glibc
import Interfaces
import Network
import PeerPattern

/// The network stack on a TAP interface of this machine: echo at port 7 (TCP and UDP), a sink that compares at 9, a source at 19; with
/// `--connect PORT`, connections to the gateway instead, until they have ended.
///
/// Ends when standard input does and its connections have, at most `--linger` seconds later (10), and prints what happened: lines of a name and a number. Status 0 when no byte was wrong and no
/// connection from here has failed.
///
/// Options: `--interface` `--address` `--prefix` `--gateway`; `--memory` in KiB for the buffers of all connections; `--connect PORT --connections N --bytes N`; `--capture FILE --snap BYTES`
/// (pcap);
/// the link, both ways: `--loss` `--duplication` `--corruption` `--reordering` in thousandths, `--delay` `--jitter` in milliseconds,
/// `--seed`.
@main
enum TapHost {
    static func main() throws {
        guard let options = Options(CommandLine.arguments.dropFirst()) else {
            fail("arguments are pairs: --name value")
        }
        guard let tap = Tap(options.text("interface") ?? "tap0") else {
            fail("no such TAP interface, or no right to it")
        }
        let capture = options.text("capture").flatMap {
            CaptureFile($0, snapLength: options.number("snap", or: 65535))
        }
        let link = TapLink(
            tap, faults: faults(options), seed: UInt64(options.number("seed", or: 1)), capture: capture)
        guard let own = IPv4Address(options.text("address") ?? "10.78.0.2"),
            let gateway = IPv4Address(options.text("gateway") ?? "10.78.0.1"),
            let address = InterfaceAddress(own, prefixLength: options.number("prefix", or: 24))
        else { fail("an address is four numbers with dots, a prefix 0 to 32 bits") }
        let host = try PeerHost(link, address: address, gateway: gateway, configuration: configuration(options))
        say("ready")
        if let port = options.text("connect").flatMap({ UInt16($0) }) {
            connect(host, Endpoint(gateway, Port(rawValue: port)), options)
        } else {
            while host.turn() {}
            host.finish(within: .seconds(UInt64(options.number("linger", or: 10))))
        }
        report(host)
        exit(host.wrong == 0 && (options.text("connect") == nil || host.failed == 0) ? 0 : 1)
    }

    private static func connect(_ host: PeerHost, _ remote: Endpoint, _ options: Options) {
        var left = options.number("connections", or: 1)
        let atOnce = options.number("at-once", or: left)
        while left > 0 || host.openSessions > 0 {
            while left > 0, host.openSessions < atOnce {
                do { try host.connect(to: remote, count: options.number("bytes", or: 100_000)) } catch {
                    fail("connect: \(error)")
                }
                left -= 1
            }
            guard host.turn() else { fail("standard input ended before the connections did") }
        }
    }

    private static func configuration(_ options: Options) -> NetworkStack.Configuration {
        var configuration = NetworkStack.Configuration()
        configuration.bufferLimit = options.number("memory", or: configuration.bufferLimit >> 10) << 10
        return configuration
    }

    private static func faults(_ options: Options) -> FaultInjector.Faults? {
        var faults = FaultInjector.Faults()
        faults.loss = options.number("loss", or: 0)
        faults.duplication = options.number("duplication", or: 0)
        faults.corruption = options.number("corruption", or: 0)
        faults.reordering = options.number("reordering", or: 0)
        faults.delay = .milliseconds(UInt64(options.number("delay", or: 0)))
        faults.jitter = .milliseconds(UInt64(options.number("jitter", or: 0)))
        let chances = faults.loss + faults.duplication + faults.corruption + faults.reordering
        return chances > 0 || faults.delay.nanoseconds + faults.jitter.nanoseconds > 0 ? faults : nil
    }

    private static func report(_ host: PeerHost) {
        let statistics = host.stack.statistics
        let lines: [(String, Int)] = [
            ("done", host.done), ("failed", host.failed), ("wrong", host.wrong), ("open", host.openSessions),
            ("connections", host.stack.connectionCount), ("time-waits", host.stack.timeWaitCount),
            ("buffered", host.stack.bufferedBytes), ("memory-kilobytes", largestMemory), ("lost", host.link.lost),
            ("refused", host.link.tap.refused), ("received-frames", Int(statistics.receivedFrames)),
            ("sent-frames", Int(statistics.sentFrames)), ("checksum-errors", Int(statistics.checksumErrors)),
            ("malformed", Int(statistics.malformed)), ("received-segments", Int(statistics.receivedSegments)),
            ("sent-segments", Int(statistics.sentSegments)), ("sent-resets", Int(statistics.sentResets)),
            ("accepted", Int(statistics.passiveOpens)), ("sent-cookies", Int(statistics.sentCookies)),
            ("dropped-syns", Int(statistics.droppedSYNs)), ("reassembled", Int(statistics.reassembled)),
        ]
        for line in lines { say("\(line.0) \(line.1)") }
    }

    /// The most memory this process has had at once, in KiB. `getrusage` would tell the parent's where that had more: what a process had
    /// before it became another program counts there.
    private static var largestMemory: Int {
        guard let file = fopen("/proc/self/status", "r") else { fail("no /proc/self/status") }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                .split { $0.isWhitespace }
            if words.first == "VmHWM:", words.count > 1, let amount = Int(words[1]) { return amount }
        }
        fail("/proc/self/status does not tell the memory")
    }

    private static func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    private static func fail(_ reason: String) -> Never {
        say("TapHost: \(reason)")
        exit(2)
    }
}
