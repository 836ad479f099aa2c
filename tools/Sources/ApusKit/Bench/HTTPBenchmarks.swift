import Foundation
import Glibc

/// 100,000 connections, one after the other; and what one that rests takes.
struct HTTPConnectionFigure: Benchmark {
    enum Part: Sendable {
        case failures, timeWait, idle
    }

    let part: Part
    private static let count = 100_000
    private static let idle = 1000

    var name: String {
        switch part {
        case .failures: "http-connections-failed"
        case .timeWait: "http-time-wait"
        case .idle: "http-idle-connection"
        }
    }

    var title: String {
        switch part {
        case .failures: "100,000 connections, as fast as they come: refused or reset"
        case .timeWait: "connections in TIME-WAIT afterwards"
        case .idle: "memory of an idle connection that stays, task included"
        }
    }

    var method: String {
        switch part {
        case .failures: "ab, 8 at a time, a request each"
        case .timeWait: "as the stack counts them"
        case .idle: "pages taken after \(Self.idle) that have had an answer, less those before"
        }
    }

    var goal: Goal? {
        switch part {
        case .failures: Goal(most: 0, unit: "connections")
        case .timeWait: nil
        case .idle: Goal(most: 8192, unit: "bytes")
        }
    }

    func measure(_ bench: Workbench) throws -> Measurement {
        let result = try bench.once("http connections") { try Self.run(bench) }
        return switch part {
        case .failures: Measurement(value: result.failures, unit: "connections")
        case .timeWait: Measurement(value: result.timeWait, unit: "connections")
        case .idle: Measurement(value: result.idle, unit: "bytes")
        }
    }

    private static func run(_ bench: Workbench) throws -> (failures: Int, timeWait: Int, idle: Int) {
        let programs = try NetworkPrograms(repository: bench.repository) { Screen.note($0) }
        let guest = try TapGuest(bench.configuration("BenchHTTP", hasBoardDevices: true), programs)
        try guest.startLending()
        try guest.machine.expect("bench http ready", timeout: 60)
        _ = try guest.memory()
        let before = try guest.memory()
        let holder = try guest.start("ab", ["-q", "-k", "-n", "100000000", "-c", "\(idle)", "http://10.0.2.15/1k"])
        defer { holder.terminate() }
        Thread.sleep(forTimeInterval: 10)
        // Stopped, it holds its connections and asks for nothing.
        holder.signal(SIGSTOP)
        Thread.sleep(forTimeInterval: 15)
        let after = try guest.memory()
        holder.signal(SIGKILL)
        let failures = try guest.load(["-n", "\(count)", "-c", "8"]).failures
        return (failures, try guest.memory().timeWait, (after.taken - before.taken) / idle)
    }
}

/// What a million requests leave behind.
struct HTTPMillionFigure: Benchmark {
    let name = "http-million"
    let title = "heap in use after a million requests, beyond that before"
    let method =
        "1,000,000 by ab on 64 connections that stay, after 20,000 of them; each time once workers without work have ended"
    let goal: Goal? = Goal(most: 0, unit: "bytes")

    func measure(_ bench: Workbench) throws -> Measurement {
        let programs = try NetworkPrograms(repository: bench.repository) { Screen.note($0) }
        let guest = try TapGuest(bench.configuration("BenchHTTP", hasBoardDevices: true), programs)
        try guest.startLending()
        try guest.machine.expect("bench http ready", timeout: 60)
        func memory(after count: Int) throws -> Int {
            try guest.requests(["-k", "-n", "\(count)", "-c", "64"])
            Thread.sleep(forTimeInterval: 15)
            return try guest.memory().inUse
        }
        let before = try memory(after: 20_000)
        return Measurement(value: try memory(after: 1_000_000) - before, unit: "bytes")
    }
}

extension TapGuest {
    /// What `BenchHTTP` says of its memory: bytes of pages taken and of the heap in use, and connections in TIME-WAIT.
    fileprivate func memory() throws -> (taken: Int, timeWait: Int, inUse: Int) {
        let numbers = try get("/memory").split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 3 else { throw BenchError.notReported("memory", application: "BenchHTTP") }
        return (numbers[0], numbers[1], numbers[2])
    }
}

extension BenchmarkGroup {
    /// The web server.
    static let http = BenchmarkGroup(
        name: "http", title: "HTTP",
        notes: """
            In the QEMU that has the board's Ethernet, one core. Requests come from ab over a TAP interface; ab is a process of this \
            machine as QEMU is, so rates say something only beside each other.
            """,
        benchmarks: [
            FirstAnswerFigure(), HTTPCountFigure(part: .kept), HTTPCountFigure(part: .new),
            HTTPConnectionFigure(part: .failures), HTTPConnectionFigure(part: .timeWait),
            HTTPConnectionFigure(part: .idle), HTTPMillionFigure(),
            ImageSize(application: "WebServer", goal: Goal(most: 320 << 10, unit: "bytes")),
        ]
            + HTTPRates.connections(onUSB: false).flatMap { connections -> [any Benchmark] in
                [
                    HTTPRateFigure(connections: connections, part: .apus),
                    HTTPRateFigure(connections: connections, part: .linux),
                    HTTPRateFigure(connections: connections, part: .ofLinux),
                ]
            })
}
