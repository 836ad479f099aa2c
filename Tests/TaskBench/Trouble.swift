import Boot
import Foundation
import Interfaces
import Runtime

/// A scheduler and hardware that look for trouble: what they are free to choose, a seed chooses.
///
/// Which of the ready tasks of a level runs; whether a task loses its turn where it may wait but need not; the moment of every interrupt,
/// between any two atomic accesses of the runtime and any two accesses to a register; how much time passes there; and wakes for no reason. The
/// same seed chooses the same.
///
/// Tests run with `Trouble.$seed.withValue(seed) { ... }` around their body, and take their seeds from `seeds(_:)`. A test that fails or traps
/// is shown with its seed. `APUS_SEED=17` runs just that one again. `APUS_SEEDS=100000 swift test --filter Schedule` goes on for an hour or so.
package final class Trouble: InterferenceSource {
    /// The seed of the runtime that the running test makes; nil for one that lets everything take its course.
    @TaskLocal package static var seed: UInt64?

    private var state: UInt64
    private var pending: [() -> Void] = []
    private var isHandling = false
    /// Counts between two looks at the counter, one in so many points gets something.
    package let step: UInt64
    private let rarity: UInt64
    /// Counts that pass at once now and then.
    private let pause: UInt64

    package init(_ seed: UInt64) {
        state = seed
        step = 1 + Self.mix(seed) % 300
        rarity = 2 + Self.mix(seed ^ 0x5555) % 60
        pause = [100, 1000, 10_000, 50_000][Int(Self.mix(seed ^ 0xAAAA) % 4)]
    }

    /// The seeds to run a test with: `count` of them, unless the environment says otherwise.
    package static func seeds(_ count: UInt64) -> [UInt64] {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["APUS_SEED"].flatMap({ UInt64($0) }) { return [seed] }
        return Array(1...(environment["APUS_SEEDS"].flatMap { UInt64($0) } ?? count))
    }

    /// Lets `action`, which an interrupt does, happen at once, or at some point soon where there is trouble.
    package static func interrupt(_ action: @escaping () -> Void) {
        guard let trouble = unsafe Interference.source as? Trouble else { return action() }
        trouble.pending.append(action)
        trouble.interrupt()
    }

    /// Runs `handler` as the handler of an interrupt runs: nothing else comes meanwhile.
    package static func masked(_ handler: () -> Void) {
        guard let trouble = unsafe Interference.source as? Trouble, !trouble.isHandling else { return handler() }
        trouble.isHandling = true
        handler()
        trouble.isHandling = false
    }

    // MARK: - InterferenceSource

    package func choose(of count: Int) -> Int { Int(next() % UInt64(count)) }

    package func forcesSwitch() -> Bool { next() % rarity == 0 }

    package func interrupt() {
        // The handlers of interrupts run masked.
        guard !isHandling else { return }
        isHandling = true
        defer { isHandling = false }
        switch next() % (4 * rarity) {
        case 0, 1: _ = deliver()
        case 2: Interference.wakeForNothing(Int(next() % 64))
        // Time that something else took, up to the next deadline where that is near. Little of it, so that tests of time keep their meaning.
        case 3: apus_host_set_counter(min(apus_counter() + pause, max(apus_counter(), apus_host_deadline())))
        default: break
        }
        if apus_counter() >= apus_host_deadline() { Tasks.timerInterrupt() }
    }

    package func interruptSleep() -> Bool {
        isHandling = true
        defer { isHandling = false }
        return deliver()
    }

    private func deliver() -> Bool {
        guard !pending.isEmpty else { return false }
        pending.remove(at: Int(next() % UInt64(pending.count)))()
        return true
    }

    /// SplitMix64.
    private func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
