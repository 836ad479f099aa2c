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
            In the QEMU that has the board's controller, which reads and writes its file 512 bytes at a time: rates are on the host's \
            time, and only their ratios say something. Instructions are counted without the time asleep. What the board reaches is a \
            calculation, for none has been measured: a block of 512 bytes takes its data, 16 clocks of checksum, a start and an end bit \
            on four lines, and 8 clocks until the next one; a request of 1 MiB 16 times the instructions of 64 KiB at one a cycle of \
            1.5 GHz, 40 register accesses of 300 cycles, and three commands of 136 clocks.
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
            StorageRateFigure(way: .read, part: .apus), StorageRateFigure(way: .read, part: .linux),
            StorageRateFigure(way: .read, part: .uBoot), StorageRateFigure(way: .read, part: .ofLinux),
            StorageRateFigure(way: .written, part: .apus), StorageRateFigure(way: .written, part: .linux),
            StorageRateFigure(way: .written, part: .uBoot), StorageRateFigure(way: .written, part: .ofLinux),
            CardBusRate(name: "card-bus-high-speed", mode: "high speed", bitsPerClock: 4, goal: 23_700),
            CardBusRate(name: "card-bus-ddr50", mode: "DDR50", bitsPerClock: 8, goal: 47_000),
            StorageFigure(
                name: "file-read-64k", title: "64 KiB read from a file through FAT",
                method: "mean over a file of 8 MiB, without the time asleep", goal: nil, countsInstructions: true),
            StorageFigure(
                name: "file-of-blocks", title: "a file read through FAT, of the blocks' rate",
                method: "64 KiB requests, 8 MiB in turn with as much of the card, on the host's time",
                goal: Goal(least: 95, unit: "%"), countsInstructions: false),
            StorageFigure(
                name: "kv-commit-writes", title: "durable 100-byte commit to the key-value store, block writes",
                method: "the most of 1,000 commits into a store a quarter full",
                goal: Goal(most: 2, unit: "block writes"),
                countsInstructions: false),
            StorageFigure(
                name: "kv-commit-flushes", title: "the same, flushes", method: "the most of the 1,000",
                goal: Goal(most: 1, unit: "flushes"), countsInstructions: false),
            StorageFigure(
                name: "kv-commit-writes-full", title: "block writes of such a commit, three quarters full",
                method: "mean of 1,000, with what is moved out of the way", goal: nil, countsInstructions: false),
        ])
}

extension Workbench {
    /// How long the card thinks before it sends data, in nanoseconds: long enough for all eight tasks to have asked.
    private static var delay: Int { 100_000 }

    /// The figures of `BenchStorage`, by name.
    func storageFigures(countsInstructions: Bool) throws -> [String: Measurement] {
        try once("BenchStorage \(countsInstructions)") {
            try Files.withTemporaryDirectory { directory in
                try runBenchStorage(try StorageCard(directory + "/card"), countsInstructions: countsInstructions)
            }
        }
    }

    /// Runs `BenchStorage` once on `card`.
    func runBenchStorage(_ card: StorageCard, countsInstructions: Bool) throws -> [String: Measurement] {
        var configuration = try storageConfiguration(card)
        configuration.countsInstructions = countsInstructions
        if countsInstructions { configuration.extra = ["-global", "generic-sdhci.transfer-delay=\(Self.delay)"] }
        let machine = try Machine(configuration)
        try machine.expect("bench done", timeout: 300)
        return Self.figures(in: machine.console)
    }

    /// A machine with this card and no network, for any guest.
    func storageConfiguration(_ card: StorageCard) throws -> MachineConfiguration {
        var configuration = try configuration("BenchStorage", hasBoardDevices: true)
        configuration.card = card.path
        configuration.keepsWrites = true
        configuration.network = NetworkBackend.none
        return configuration
    }
}
