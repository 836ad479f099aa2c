/// What the board's card would reach with 1 MiB requests at a clock of 50 MHz, calculated from what was counted.
struct CardBusRate: Benchmark {
    let name: String
    let mode: String
    /// Bits that all four lines together carry in a clock.
    let bitsPerClock: Int
    /// KB/s.
    let least: Int

    init(name: String, mode: String, bitsPerClock: Int, goal: Int) {
        self.name = name
        self.mode = mode
        self.bitsPerClock = bitsPerClock
        least = goal
    }

    var title: String { "1 MiB requests on the board at \(mode)" }
    var method: String { "calculated, see above; the bus alone is \(bitsPerClock * 50_000 / 8) KB/s" }
    var goal: Goal? { Goal(least: least, unit: "KB/s") }

    func measure(_ bench: Workbench) throws -> Measurement {
        let figures = try bench.storageFigures(countsInstructions: true)
        guard let instructions = figures["card-read-64k"]?.value else {
            throw BenchError.notReported("card-read-64k", application: "BenchStorage")
        }
        // Nanoseconds, a clock being 20 of them.
        let block = (512 * 8 / bitsPerClock + 16 + 2 + 8) * 20
        let processor = (16 * instructions + 40 * 300) * 2 / 3
        let time = 2048 * block + processor + 3 * 136 * 20
        return Measurement(value: (1 << 20) * 1_000_000 / time, unit: "KB/s")
    }
}
