import Glibc
import PeerPattern

/// The other end: the TCP and UDP of the system this runs on.
///
/// `SocketPeer COMMAND [--name value ...]`; status 0 when every byte was right. Where: `--to ADDRESS` (10.78.0.2), `--port`.
/// `--timeout SECONDS` ends a command that hangs, with status 1.
///
/// - `echo`, `send`, `receive`, `reset`: `--connections` in all, `--at-once` of them at the same time, `--bytes` each, written by
///   `--write` bytes (0: 1 to 65536 at random), read after `--stall` milliseconds.
/// - `hold`: opens all `--connections`, exchanges a byte with each, leaves them idle for `--idle` seconds, exchanges another.
/// - `datagrams`: `--count` datagrams of growing sizes up to `--bytes`, to the echo service.
/// - `serve`: echo at `--port` until standard input ends.
/// - `push`, `pull`: `--bytes` to somebody who reads, or all that somebody sends; how fast.
/// - `reflect`: full frames over `--interface` to `--hardware`, which sends them back, for `--seconds`; how fast.
/// - `flood`: `--rate` SYNs a second from random addresses for `--seconds`, over `--interface` to `--hardware`.
@main
enum SocketPeer {
    static func main() {
        guard let command = CommandLine.arguments.dropFirst().first,
            let options = Options(CommandLine.arguments.dropFirst(2))
        else { fail("SocketPeer COMMAND [--name value ...]") }
        raiseLimit()
        signal(SIGPIPE, SIG_IGN)
        alarm(UInt32(options.number("timeout", or: 120)))
        signal(SIGALRM) { _ in _exit(1) }
        switch command {
        case "echo": flows(.echo, port: 7, options)
        case "send": flows(.send, port: 9, options)
        case "receive": flows(.receive, port: 19, options)
        case "reset": flows(.reset, port: 7, options)
        case "hold": IdleConnections(options).run()
        case "datagrams": Datagrams(options).run()
        case "serve": EchoServer(port: UInt16(options.number("port", or: 7000))).run()
        case "push": Throughput(options, isPush: true).run()
        case "pull": Throughput(options, isPush: false).run()
        case "reflect": Reflection(options).run()
        case "flood": SYNFlood(options).run()
        default: fail("there is no command \(command)")
        }
    }

    private static func flows(_ kind: Flow.Kind, port: Int, _ options: Options) {
        var set = FlowSet(
            kind, to: Address(options.text("to") ?? "10.78.0.2", options.number("port", or: port)), options)
        set.run()
        say("done \(set.done) failed \(set.failed) bytes \(set.bytes) milliseconds \(set.milliseconds)")
        exit(set.failed == 0 ? 0 : 1)
    }

    /// As many descriptors as are allowed.
    private static func raiseLimit() {
        var limit = rlimit(rlim_cur: 65536, rlim_max: 65536)
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 { return }
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Prints a line at once.
    static func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    /// Prints why, and ends.
    static func fail(_ reason: String) -> Never {
        say("SocketPeer: \(reason)")
        exit(2)
    }
}
