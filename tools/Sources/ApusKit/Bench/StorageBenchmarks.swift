/// A figure that the application `BenchStorage` reports, in the QEMU that has the board's controller.
struct StorageFigure: Benchmark {
    let name: String
    let title: String
    let method: String
    let goal: Goal?
    /// Whether time counts instructions.
    let countsInstructions: Bool

    func measure(_ bench: Workbench) throws -> Measurement {
        guard let measurement = try bench.storageFigures(countsInstructions: countsInstructions)[name] else {
            throw BenchError.notReported(name, application: "BenchStorage")
        }
        return measurement
    }
}

extension BenchmarkGroup {
    /// The card.
    static let storage = BenchmarkGroup(
        name: "storage", title: "The card",
        notes: """
            In the QEMU that has the board's controller. Rates are on the host's time and say little about the board; instructions are \
            counted without the time asleep.
            """,
        benchmarks: [
            StorageFigure(
                name: "card-read-64k", title: "64 KiB read from the card, driver and queue",
                method: "ADMA2 into an aligned buffer; mean of 64, without the time asleep",
                goal: Goal(most: 6000, unit: "instructions"), countsInstructions: true),
            StorageFigure(
                name: "card-random-4k", title: "4 KiB read from the card, eight tasks at random places",
                method: "the card answers after 100 us; mean of 800, without the time asleep",
                goal: Goal(most: 3000, unit: "instructions"), countsInstructions: true),
            StorageFigure(
                name: "card-read-rate", title: "card read, 1 MiB requests",
                method: "in the emulator, on its host's time",
                goal: nil, countsInstructions: false),
            StorageFigure(
                name: "card-write-rate", title: "card written, 1 MiB requests",
                method: "in the emulator, on its host's time", goal: nil, countsInstructions: false),
        ])
}

extension Workbench {
    /// How long the card thinks before it sends data, in nanoseconds: long enough for all eight tasks to have asked.
    private static var delay: Int { 100_000 }

    /// The figures of `BenchStorage`, by name.
    func storageFigures(countsInstructions: Bool) throws -> [String: Measurement] {
        try once("BenchStorage \(countsInstructions)") {
            try Files.withTemporaryDirectory { directory in
                let card = directory + "/card.img"
                try Command("truncate", ["-s", "64M", card]).check()
                var configuration = try configuration("BenchStorage", hasBoardDevices: true)
                configuration.card = card
                configuration.network = NetworkBackend.none
                configuration.countsInstructions = countsInstructions
                if countsInstructions {
                    configuration.extra = ["-global", "generic-sdhci.transfer-delay=\(Self.delay)"]
                }
                let machine = try Machine(configuration)
                try machine.expect("bench done", timeout: 300)
                return Self.figures(in: machine.console)
            }
        }
    }
}
