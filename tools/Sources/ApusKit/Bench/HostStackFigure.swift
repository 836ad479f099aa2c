/// The stack on this machine over a link in memory, beside lwIP: `Tests/NetworkBench/run`.
struct HostStackFigure: Benchmark {
    /// What of the result.
    enum Part: String, Sendable {
        case apus, lwip, ofLwIP
    }

    let part: Part

    var name: String { part == .ofLwIP ? "host-of-lwip" : "host-\(part.rawValue)" }
    var title: String {
        switch part {
        case .apus: "the stack on this machine, one stream, one core"
        case .lwip: "lwIP, the same"
        case .ofLwIP: "the stack, of lwIP's rate"
        }
    }
    var method: String {
        part == .ofLwIP ? "medians" : "1 GiB over a link in memory, in turn; median of 5 (least to most)"
    }
    var goal: Goal? { part == .ofLwIP ? Goal(least: 100, unit: "%") : nil }

    func measure(_ bench: Workbench) throws -> Measurement {
        let rates = try bench.once("host-stack") { try Self.run(bench.repository) }
        guard let apus = rates["apus"], let lwip = rates["lwip"] else {
            throw BenchError.notReported("network.host.lwip", application: "Tests/NetworkBench/run")
        }
        return switch part {
        case .apus: Self.measurement(apus)
        case .lwip: Self.measurement(lwip)
        case .ofLwIP: Measurement(value: apus[apus.count / 2] * 100 / lwip[lwip.count / 2], unit: "%")
        }
    }

    /// The rates by stack, sorted.
    private static func run(_ repository: Repository) throws -> [String: [Int]] {
        let output = try Command(repository.path("Tests/NetworkBench/run"), ["5", "1024"]).capture()
        guard output.status.isSuccess else { return [:] }
        var rates: [String: [Int]] = [:]
        for line in output.text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 4, words[3] == "Mbit/s", let value = Int(words[2]) else { continue }
            rates[String(words[1].split(separator: ".").last ?? ""), default: []].append(value)
        }
        return rates.mapValues { $0.sorted() }
    }

    private static func measurement(_ sorted: [Int]) -> Measurement {
        Measurement(
            value: sorted[sorted.count / 2], unit: "Mbit/s (\(sorted.first ?? 0) to \(sorted.last ?? 0))")
    }
}
