import Models
import Testing

/// How work is handed to a core that sleeps with its caches off: the order of what `apus_give_core_work` (exceptions.c) and `park`
/// (start.S) do, in a memory that shows what the order is for.
@Suite struct CoreHandOverTests {
    /// The order, and two that look as good.
    enum Order: CaseIterable, Sendable {
        /// A line for each core; the entry is cleared once the core's cache is on.
        case used
        /// The entries of all cores in one line, each cleared past the cache.
        case sharedLine
        /// The function before the stack.
        case functionFirst
    }

    /// A parked core: what it does next, and what it has run.
    private struct Core {
        let entry: Int
        var isCached = false
        var step = 0
        var function: UInt64 = 0
        var stack: UInt64 = 0
        var runs: [[UInt64]] = []

        /// Does one thing. A core may wake without a reason, so that it looks whenever it likes.
        mutating func advance(_ memory: TwoAgentMemoryModel, _ order: Order) {
            switch step {
            case 0:
                function = memory.load(entry, isCached: isCached)
                if function != 0 { step = 1 }
            case 1: (stack, step) = (memory.load(entry + 1, isCached: isCached), 2)
            case 2:
                if order == .sharedLine { memory.store(0, entry, isCached: isCached) }
                (isCached, step) = (true, 3)
            case 3:
                if order != .sharedLine { memory.store(0, entry, isCached: true) }
                step = 4
            default:
                runs.append([function, stack])
                step = 0
            }
        }
    }

    /// What core 0 does to give `work`, a step at a time.
    private func giving(_ work: UInt64, _ entry: Int, _ order: Order, _ memory: TwoAgentMemoryModel) -> [() -> Void] {
        let stack = { memory.store(work + 1000, entry + 1, isCached: true) }
        let function = { memory.store(work, entry, isCached: true) }
        let clean = { memory.clean(entry) }
        return order == .functionFirst ? [function, stack, clean] : [stack, clean, function, clean]
    }

    /// What the cores ran when each was given work twice.
    private func run(_ order: Order, seed: UInt64) -> [[[UInt64]]] {
        var random = SeededGenerator(seed: seed)
        let memory = TwoAgentMemoryModel(lines: 4, seed: seed)
        let stride = order == .sharedLine ? 2 : TwoAgentMemoryModel.wordsInLine
        var cores = (0..<3).map { Core(entry: $0 * stride) }
        func rest(_ count: Int) {
            for _ in 0..<count {
                cores[Int.random(in: 0..<3, using: &random)].advance(memory, order)
                if Int.random(in: 0..<4, using: &random) == 0 { memory.evict() }
            }
        }
        for round in 0..<2 as Range<UInt64> {
            for core in 0..<3 {
                for step in giving(round * 10 + UInt64(core) + 1, cores[core].entry, order, memory) {
                    step()
                    rest(Int.random(in: 0..<8, using: &random))
                }
            }
            // Core 0 waits for all of them before it gives more.
            rest(400)
        }
        return cores.map { $0.runs }
    }

    private static let expected: [[[UInt64]]] = (0..<3 as Range<UInt64>).map { core in
        (0..<2 as Range<UInt64>).map { round in [round * 10 + core + 1, round * 10 + core + 1001] }
    }

    @Test func `each work is run once, on its stack`() {
        for seed in 1...1000 as ClosedRange<UInt64> {
            let runs = run(.used, seed: seed)
            #expect(runs == Self.expected, "seed \(seed)")
        }
    }

    @Test(arguments: [Order.sharedLine, .functionFirst])
    func `another order runs something twice, or on no stack`(order: Order) {
        #expect((1...1000 as ClosedRange<UInt64>).contains { run(order, seed: $0) != Self.expected })
    }
}
