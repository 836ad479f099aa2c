/// How fast blocks are read or written: by this system, by Debian's Linux and U-Boot, in turn in one run.
struct StorageRateFigure: Benchmark {
    enum Way: String, Sendable {
        case read, written
    }

    /// What of the result.
    enum Part: Sendable {
        case apus, linux, uBoot, ofLinux
    }

    static let rounds = 5

    let way: Way
    let part: Part

    var name: String {
        let side = way == .read ? "read" : "write"
        return switch part {
        case .apus: "card-\(side)-rate"
        case .linux: "card-\(side)-rate-linux"
        case .uBoot: "card-\(side)-rate-u-boot"
        case .ofLinux: "card-\(side)-of-linux"
        }
    }

    var title: String {
        switch part {
        case .apus: "card \(way.rawValue), 1 MiB requests"
        case .linux: "the same, Linux"
        case .uBoot: "the same, U-Boot, 512 KiB requests"
        case .ofLinux: "card \(way.rawValue), of Linux's rate"
        }
    }

    var method: String {
        switch part {
        case .apus: "16 MiB in the emulator, on its host's time; median of \(Self.rounds) (least to most)"
        case .linux: "Debian's kernel, busybox dd past the cache; in turn with the above"
        case .uBoot: "Debian's, `mmc \(way == .read ? "read" : "write")` in a loop; in turn with the above"
        case .ofLinux: "medians"
        }
    }

    var goal: Goal? { part == .ofLinux ? Goal(least: 100, unit: "%") : nil }

    func measure(_ bench: Workbench) throws -> Measurement {
        let rates = try bench.once("storage rates") { try StorageRates(bench, rounds: Self.rounds) }
        func values(_ rates: StorageRates.Rates) -> [Int] { way == .read ? rates.read : rates.write }
        return switch part {
        case .apus: Self.measurement(values(rates.apus))
        case .linux: Self.measurement(values(rates.linux))
        case .uBoot: Self.measurement(values(rates.uBoot))
        case .ofLinux:
            Measurement(
                value: Self.median(values(rates.apus)) * 100 / max(Self.median(values(rates.linux)), 1), unit: "%")
        }
    }

    private static func median(_ values: [Int]) -> Int { values.sorted()[values.count / 2] }

    private static func measurement(_ values: [Int]) -> Measurement {
        Measurement(value: median(values), unit: "KB/s (\(values.min() ?? 0) to \(values.max() ?? 0))")
    }
}
