import Interfaces
import Models
import Testing
import USB

/// Slower devices behind a hub of high speed, whose transactions have halves and a time for each.
@Suite struct SplitTests {
    /// What the keys 0x04 to 0x1D send.
    static let letters = Array("abcdefghijklmnopqrstuvwxyz".utf8)

    private static func bench(
        _ devices: [USBFunctionModel], seed: UInt64 = 1, milliseconds: UInt64 = 3000
    ) throws -> (USBBench, HubModel) {
        let bench = USBBench(seed: seed)
        let hub = HubModel(speed: 0, ports: 4)
        hub.translator = bench.model.translator
        for (index, device) in devices.enumerated() { hub.plug(device, into: index + 1) }
        bench.model.plug(hub)
        try bench.controller.start()
        bench.run(milliseconds: milliseconds)
        return (bench, hub)
    }

    @Test(arguments: [(UInt32(1), false), (1, true), (2, false), (2, true)])
    func `no key is lost, and none comes twice, whether or not the task is late`(speed: UInt32, isLate: Bool) throws {
        let keyboard = KeyboardModel(speed: speed)
        let (bench, _) = try Self.bench([keyboard])
        bench.lateness.isOn = isLate
        for round in 0..<4 {
            for key in UInt8(0x04)...0x1D { keyboard.press(key) }
            bench.run(milliseconds: 2000)
            #expect(bench.typed.count == 26 * (round + 1))
        }
        #expect(bench.typed == Self.letters + Self.letters + Self.letters + Self.letters)
        #expect(bench.model.translator.lostResults == 0)
        #expect(bench.violations == [])
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `a handler that is too late loses the one key that nobody can save, and no other`(seed: UInt64) throws {
        let keyboard = KeyboardModel(speed: 2)
        let (bench, _) = try Self.bench([keyboard], seed: seed)
        var generator = SeededGenerator(seed: seed)
        // Once in a while interrupts are masked for longer than the hub keeps a result.
        bench.model.interruptLatency = {
            generator.next() % 64 == 0 ? .microseconds(700 + generator.next() % 900) : .nanoseconds(100)
        }
        for _ in 0..<8 { for key in UInt8(0x04)...0x1D { keyboard.press(key) } }
        bench.run(milliseconds: 16_000)
        let lost = bench.model.translator.lostResults
        // A report that is lost is a press, or a release that the next press makes up for.
        #expect(bench.typed.count >= 26 * 8 - lost && bench.typed.count <= 26 * 8)
        #expect(lost > 0)
        // In step again: nothing more is lost.
        bench.model.interruptLatency = { .nanoseconds(100) }
        bench.run(milliseconds: 100)
        bench.typed = []
        for key in UInt8(0x04)...0x1D { keyboard.press(key) }
        bench.run(milliseconds: 2000)
        #expect(bench.typed.suffix(25) == Self.letters.suffix(25))
        #expect(bench.violations == [])
    }
}
