/// How fast TCP is to or from a guest: this system, Debian's Linux and `Reflect`, in turn in one run.
struct ThroughputFigure: Benchmark {
    /// Which direction.
    enum Way: String, Sendable {
        case into = "push", outOf = "pull"
    }

    /// What of the result.
    enum Part: Sendable {
        case apus, linux, ofLinux, reflect, ofReflect
    }

    static let rounds = 5

    let way: Way
    let part: Part

    private var direction: String { way == .into ? "to" : "from" }

    var name: String {
        let side = way == .into ? "in" : "out"
        return switch part {
        case .apus: "tcp-\(side)"
        case .linux: "tcp-\(side)-linux"
        case .ofLinux: "tcp-\(side)-of-linux"
        case .reflect: "tcp-reflect"
        case .ofReflect: "tcp-\(side)-of-reflect"
        }
    }

    var title: String {
        switch part {
        case .apus: "TCP \(direction) the guest, one stream"
        case .linux: "the same, Linux"
        case .ofLinux: "TCP \(direction) the guest, of Linux's rate"
        case .reflect: "`Reflect`, frames of 1514 bytes there and back"
        case .ofReflect: "TCP \(direction) the guest, of what `Reflect` moves"
        }
    }

    var method: String {
        switch part {
        case .apus:
            "64 MiB into `BenchNetwork` over a TAP interface; median of \(Self.rounds) (least to most)".replacing(
                "64 MiB into", with: way == .into ? "64 MiB into" : "16 MiB from")
        case .linux: "Debian's kernel, busybox nc with dd; in turn with the above"
        case .ofLinux, .ofReflect: "medians"
        case .reflect: "2 s over a TAP interface, 128 under way; in turn with the above"
        }
    }

    var goal: Goal? {
        switch part {
        case .ofLinux: Goal(least: 200, unit: "%")
        case .ofReflect: Goal(least: 80, unit: "%")
        default: nil
        }
    }

    func measure(_ bench: Workbench) throws -> Measurement {
        let rates = try bench.once("throughput") { try GuestRates(bench, rounds: Self.rounds) }
        let own = way == .into ? rates.apusIn : rates.apusOut
        let linux = way == .into ? rates.linuxIn : rates.linuxOut
        return switch part {
        case .apus: Self.measurement(own)
        case .linux: Self.measurement(linux)
        case .reflect: Self.measurement(rates.reflect)
        case .ofLinux: Measurement(value: Self.median(own) * 100 / max(Self.median(linux), 1), unit: "%")
        case .ofReflect: Measurement(value: Self.median(own) * 100 / max(Self.median(rates.reflect), 1), unit: "%")
        }
    }

    private static func median(_ values: [Int]) -> Int { values.sorted()[values.count / 2] }

    private static func measurement(_ values: [Int]) -> Measurement {
        Measurement(value: median(values), unit: "Mbit/s (\(values.min() ?? 0) to \(values.max() ?? 0))")
    }
}
