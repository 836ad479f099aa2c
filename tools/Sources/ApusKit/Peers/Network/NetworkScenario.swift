/// A link, what happens on it, and what the stack's figures must say afterwards.
struct NetworkScenario: Sendable {
    /// A figure of `TapHost` and what it may be.
    struct Bound: Sendable {
        let figure: String
        let range: ClosedRange<Int>

        init(_ figure: String, _ range: ClosedRange<Int>) {
            self.figure = figure
            self.range = range
        }
    }

    /// What it shows.
    let name: String
    /// Options of `TapHost`.
    var link = ""
    /// Arguments of `SocketPeer`, one run after the other; each has to succeed.
    var transfers: [String] = []
    /// Programs that run meanwhile, in the namespace; how they end does not matter. `SocketPeer` is ours.
    var meanwhile: [String] = []
    /// Whether the stack connects to the system rather than the other way round.
    var isClient = false
    /// What the stack must have counted.
    var bounds: [Bound] = []
    /// Whether it takes too long for every change.
    var isLong = false

    /// Everything there is.
    static let all = perfect + bad + manners + hostile

    // MARK: A good cable

    private static let perfect = [
        NetworkScenario(
            name: "both ways, half closed, and from a source",
            transfers: ["echo --bytes 20000000", "send --bytes 50000000", "receive --bytes 50000000"],
            bounds: [Bound("done", 3...3), Bound("failed", 0...0), Bound("connections", 0...0)]),
        NetworkScenario(
            name: "writes of 1 byte to 64 KiB",
            transfers: [
                "echo --write 1 --bytes 20000", "echo --write 100 --bytes 200000", "echo --write 1461 --bytes 2000000",
                "echo --write 65521 --bytes 4000000", "echo --write 0 --bytes 4000000",
            ], bounds: [Bound("done", 5...5), Bound("connections", 0...0)]),
        NetworkScenario(
            name: "datagrams, also in fragments", transfers: ["datagrams --bytes 8000"],
            bounds: [Bound("reassembled", 150...400)]),
        NetworkScenario(
            name: "the stack connects", link: "--connect 7000 --connections 200 --at-once 20 --bytes 100000",
            isClient: true, bounds: [Bound("done", 200...200), Bound("failed", 0...0)]),
        NetworkScenario(
            name: "1,000 connections at once", transfers: ["echo --connections 1000 --bytes 20000"],
            bounds: [Bound("done", 1000...1000), Bound("connections", 0...0)]),
        NetworkScenario(
            name: "200 connections that share 256 KiB", link: "--memory 256",
            transfers: ["echo --connections 200 --bytes 20000"],
            bounds: [Bound("done", 200...200), Bound("failed", 0...0), Bound("connections", 0...0)]),
        NetworkScenario(
            name: "1,000 connections, one after another",
            transfers: ["echo --connections 1000 --at-once 1 --bytes 100"],
            bounds: [Bound("done", 1000...1000), Bound("connections", 0...0)]),
        NetworkScenario(
            name: "10,000 connections, one after another",
            transfers: ["echo --connections 10000 --at-once 1 --bytes 100"],
            bounds: [Bound("done", 10000...10000), Bound("connections", 0...0)], isLong: true),
        NetworkScenario(
            name: "5,000 idle connections answer", transfers: ["hold --connections 5000 --idle 3"],
            bounds: [Bound("done", 5000...5000)], isLong: true),
    ]

    // MARK: Bad links, both ways

    private static let exchange = [
        "echo --connections 2 --bytes 1000000", "send --connections 4 --bytes 1000000",
        "receive --connections 4 --bytes 1000000",
    ]
    /// Little, with much patience: where a fifth of all frames is lost each way, one in three attempts fails, and the time between them doubles.
    private static let tiny = [
        "echo --connections 2 --bytes 15000 --timeout 600", "send --connections 2 --bytes 20000 --timeout 600",
        "receive --connections 2 --bytes 20000 --timeout 600",
    ]
    private static let small = [
        "echo --connections 4 --bytes 100000", "send --connections 4 --bytes 200000",
        "receive --connections 4 --bytes 200000",
    ]

    private static let bad =
        [
            bad("1 % loss", "--loss 10"), bad("5 % loss", "--loss 50"),
            bad("5 % loss and 20 ms", "--loss 50 --delay 20", isLong: true),
            bad("20 % loss", "--loss 200", tiny), bad("20 % loss, much data", "--loss 200", isLong: true),
            bad("reordering", "--reordering 200 --delay 2 --jitter 3"), bad("duplication", "--duplication 200"),
            bad("corruption", "--corruption 30"), bad("200 ms each way", "--delay 200", tiny),
            bad("200 ms each way, much data", "--delay 200", isLong: true),
            bad("200 ms each way and 1 % loss", "--delay 200 --loss 10", small, isLong: true),
            bad(
                "everything at once",
                "--loss 20 --duplication 20 --corruption 10 --reordering 50 --delay 5 --jitter 5"),
            NetworkScenario(
                name: "the stack connects over 5 % loss",
                link: "--loss 50 --connect 7000 --connections 20 --bytes 200000", isClient: true,
                bounds: [Bound("done", 20...20)]),
            NetworkScenario(
                name: "datagrams in fragments over 2 % loss", link: "--loss 20",
                transfers: ["datagrams --bytes 8000 --count 100"], isLong: true),
        ]

    private static func bad(
        _ name: String, _ link: String, _ transfers: [String] = exchange, isLong: Bool = false
    ) -> NetworkScenario {
        let count = transfers == small ? 12 : transfers == tiny ? 6 : 10
        return NetworkScenario(
            name: name, link: link, transfers: transfers,
            bounds: [Bound("done", count...count), Bound("wrong", 0...0)], isLong: isLong)
    }

    // MARK: Peers with bad manners

    private static let manners = [
        NetworkScenario(
            name: "resets in the middle", transfers: ["reset --connections 200 --bytes 200000", "echo"],
            bounds: [Bound("open", 0...0), Bound("connections", 0...0), Bound("buffered", 0...0)]),
        NetworkScenario(
            name: "a reader that stalls: the window closes and opens", transfers: ["echo --bytes 8000000 --stall 2500"],
            bounds: [Bound("done", 1...1)]),
    ]

    // MARK: Hostile neighbours

    private static let steady = "echo --connections 4 --bytes"

    private static let hostile = [
        NetworkScenario(
            name: "a scan by nmap", transfers: ["\(steady) 100000000 --timeout 60"],
            meanwhile: ["nmap -sS -sU -O -T5 --max-retries 0 --host-timeout 50s -p 1-100 10.78.0.2"],
            bounds: [Bound("done", 4...200), Bound("wrong", 0...0)], isLong: true),
        flood(seconds: 2, isLong: false), flood(seconds: 10, isLong: true),
    ]

    /// Who comes later than the flood needs a cookie: the backlog is full all the time.
    private static func flood(seconds: Int, isLong: Bool) -> NetworkScenario {
        NetworkScenario(
            name: "a flood of 100,000 SYNs a second for \(seconds) s",
            // Handshakes that nobody will complete are not waited for.
            link: "--linger 2",
            transfers: [
                "hold --connections 10 --idle \(seconds / 2)", "echo --connections 20 --at-once 4 --bytes 20000",
            ], meanwhile: ["SocketPeer flood --rate 100000 --seconds \(seconds)"],
            bounds: [
                Bound("done", 30...30), Bound("sent-cookies", 1000...10_000_000), Bound("connections", 0...200),
                Bound("memory-kilobytes", 0...100_000),
            ], isLong: isLong)
    }
}
