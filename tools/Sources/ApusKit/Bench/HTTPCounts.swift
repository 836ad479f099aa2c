/// What requests cost in instructions: `BenchHTTP` on a clock that counts them, asked by ab over a TAP interface.
struct HTTPCounts {
    /// A request on a connection that stays.
    let kept: Int
    /// A request with a connection of its own.
    let new: Int

    private static let count = 2000

    init(_ bench: Workbench) throws {
        var configuration = try bench.configuration("BenchHTTP", hasBoardDevices: true)
        // The clock counts instructions while the guest is at work, and follows this machine's while it sleeps: leaping to the next deadline,
        // as elsewhere, would have it look after its timers for as long as ab thinks.
        configuration.extra = ["-icount", "shift=0"]
        let guest = try TapGuest(configuration, try NetworkPrograms(repository: bench.repository) { Screen.note($0) })
        try guest.startLending()
        try guest.machine.expect("bench http ready", timeout: 60)
        kept = try Self.cost(guest, "-k")
        new = try Self.cost(guest)
    }

    private static func cost(_ guest: TapGuest, _ options: String...) throws -> Int {
        let before = try busy(guest)
        let asked = try busy(guest) - before
        let start = try busy(guest)
        try guest.requests(options + ["-n", "\(count)", "-c", "1"])
        return (try busy(guest) - start - asked) / count
    }

    private static func busy(_ guest: TapGuest) throws -> Int {
        guard let value = Int(try guest.get("/busy")) else {
            throw BenchError.notReported("busy", application: "BenchHTTP")
        }
        return value
    }
}

/// How many instructions there are from the first one to the first answer: QEMU writes each of them down.
struct FirstAnswerFigure: Benchmark {
    let name = "http-first"
    let title = "from `_start` to the first HTTP answer, DHCP included"
    let method = "instructions that QEMU has executed when curl has its answer; asleep it executes none"
    let goal: Goal? = Goal(most: 3_000_000, unit: "instructions")

    private static let port = 18_080

    func measure(_ bench: Workbench) throws -> Measurement {
        try Files.withTemporaryDirectory { directory in
            var configuration = try bench.configuration("BenchHTTP", hasBoardDevices: true)
            configuration.network = .user(hostPort: Self.port, guestPort: 80)
            let log = directory + "/instructions"
            configuration.extra = ["-accel", "tcg,one-insn-per-tb=on", "-d", "exec,nochain", "-D", log]
            let machine = try Machine(configuration)
            try machine.expect("bench http ready", timeout: 120)
            try Command("curl", ["-sS", "--max-time", "30", "http://127.0.0.1:\(Self.port)/1k"]).check()
            machine.powerOff()
            _ = try machine.exitStatus()
            // A line each.
            let count = try Command("grep", ["-c", "^Trace", log]).capture().text
            guard let value = Int(count.filter(\.isNumber)) else {
                throw BenchError.notReported(name, application: "QEMU")
            }
            return Measurement(value: value, unit: "instructions")
        }
    }
}

extension TapGuest {
    /// What the guest answers to a GET of `path`.
    func get(_ path: String) throws -> String {
        try run("curl", ["-sS", "--max-time", "30", "http://10.0.2.15" + path])
    }

    /// Requests of `/1k` by ab; gives how many a second. Throws where one has failed.
    @discardableResult
    func requests(_ options: [String]) throws -> Int {
        let (rate, failures, text) = try load(options)
        guard failures == 0 else { throw NetworkPeersError.failed("ab", output: text) }
        return rate
    }

    /// Requests of `/1k` by ab: how many a second, and how many were refused, reset or answered wrongly.
    func load(_ options: [String]) throws -> (rate: Int, failures: Int, output: String) {
        let text = try run("ab", ["-q", "-r"] + options + ["http://10.0.2.15/1k"])
        func number(_ name: String) -> Double? {
            text.split(separator: "\n").first { $0.hasPrefix(name) }?
                .split(separator: " ").compactMap { Double($0) }.first
        }
        guard let rate = number("Requests per second:"), let failed = number("Failed requests:") else {
            throw NetworkPeersError.failed("ab", output: text)
        }
        return (Int(rate), Int(failed + (number("Non-2xx responses:") ?? 0)), text)
    }
}

/// Instructions of requests.
struct HTTPCountFigure: Benchmark {
    /// Which of them.
    enum Part: Sendable {
        case kept, new
    }

    let part: Part

    var name: String {
        switch part {
        case .kept: "http-kept"
        case .new: "http-new"
        }
    }

    var title: String {
        switch part {
        case .kept: "a GET of 1 KiB on a connection that stays, everything included"
        case .new: "the same with a connection of its own"
        }
    }

    var method: String {
        "mean of 2,000 by ab, one after the other, without the time asleep"
    }

    var goal: Goal? {
        switch part {
        case .kept: Goal(most: 12_000, unit: "instructions")
        case .new: Goal(most: 30_000, unit: "instructions")
        }
    }

    func measure(_ bench: Workbench) throws -> Measurement {
        let counts = try bench.once("http counts") { try HTTPCounts(bench) }
        let value =
            switch part {
            case .kept: counts.kept
            case .new: counts.new
            }
        return Measurement(value: value, unit: "instructions")
    }
}
