import Interfaces
import Models
import Runtime
import SDHCI
import TaskBench
import Testing

/// The supply of the model's slot, whose waits are those of tasks.
private struct Supply: CardSupply {
    let host: SDHCIModel

    func cyclePower() {
        host.supplyIsOn = false
        TaskClock().wait(for: .milliseconds(15))
        turnOn()
    }

    func turnOn() {
        host.supplyIsOn = true
        TaskClock().wait(for: .milliseconds(10))
    }
}

/// A board made of models, beside tasks.
private struct Platform: CardPlatform {
    let bus: TroubledBus<SDHCIModel>
    let time = TaskClock()
    let supply: Supply
    let event = TaskEvent()
    var dma: CardDMA<CoherentArenaModel, CallerMemoryModel>?
}

/// A card that tasks share, all of which are at somebody's mercy.
private struct SharedCard {
    let card = SDCardModel(blockCount: 4096)
    let host: SDHCIModel
    let memory: CoherentArenaModel
    let callers: CoherentArenaModel
    let mapping: CallerMemoryModel
    let disk: SharedBlockDevice

    init(seed: UInt64, hardware: TaskHardware) throws {
        host = SDHCIModel(hardware.clock, card: card)
        memory = CoherentArenaModel(count: CardDMALayout.size, at: 0x20_0000, seed: seed, restlessness: 8)
        callers = CoherentArenaModel(count: 1 << 16, at: 0x1000_0000, seed: seed + 1, restlessness: 8)
        mapping = CallerMemoryModel(callers)
        host.memories = [memory, callers]
        host.window = DMAWindow(physical: 0..<0x4000_0000, bus: 0xC000_0000)
        let dma = seed % 4 == 0 ? nil : CardDMA(memory: memory, mapping: mapping, window: host.window)
        let device = SDHCI(
            Platform(bus: TroubledBus(host, hardware), supply: Supply(host: host), dma: dma), baseClock: 100_000_000)
        host.interrupt = { [unowned device] in Trouble.masked { device.handleInterrupt() } }
        try device.start()
        disk = SharedBlockDevice(device)
    }

    var violations: [String] { host.violations + memory.violations + callers.violations + mapping.violations }

    /// What a task does: every `count`th block from `number` is its own, and holds what it wrote there last.
    func use(as number: Int, of count: Int, seed: UInt64, _ blocks: inout [UInt64: UInt8]) throws {
        var random = SeededGenerator(seed: seed &* 31 &+ UInt64(number))
        // A part of memory that the controller reaches, or a buffer that it does not.
        let own = unsafe UnsafeMutableRawBufferPointer(rebasing: callers.bytes[number << 12..<(number + 1) << 12])
        for _ in 0..<12 {
            let block = UInt64(number + count * Int(random.next() % 8))
            switch random.next() % 4 {
            case 0: try disk.flush()
            case 1:
                let length = 512 * Int(1 + random.next() % 7)
                var buffer = [UInt8](repeating: 0, count: length)
                var bytes = buffer.mutableSpan
                var span = bytes.mutableBytes
                try disk.read(block, into: &span)
                check(buffer, at: block, blocks)
            case 2:
                let value = UInt8(truncatingIfNeeded: random.next())
                let buffer = [UInt8](repeating: value, count: 512)
                try disk.write(block, from: buffer.span.bytes)
                blocks[block] = value
            default:
                let value = UInt8(truncatingIfNeeded: random.next())
                let part = unsafe UnsafeMutableRawBufferPointer(rebasing: own[0..<512])
                unsafe part.initializeMemory(as: UInt8.self, repeating: value)
                try disk.write(block, from: unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(part)))
                blocks[block] = value
                unsafe part.initializeMemory(as: UInt8.self, repeating: 0)
                var span = unsafe MutableRawSpan(_unsafeBytes: part)
                try disk.read(block, into: &span)
                check(unsafe Array(part), at: block, blocks)
            }
        }
    }

    private func check(_ bytes: [UInt8], at first: UInt64, _ blocks: [UInt64: UInt8]) {
        for index in 0..<bytes.count / 512 {
            guard let value = blocks[first + UInt64(index)] else { continue }
            #expect(bytes[index * 512..<index * 512 + 512].allSatisfy { $0 == value })
        }
    }
}

/// What a card that tasks share promises, whatever the order of tasks, interrupts and wakes.
@Suite(.serialized) struct CardScheduleTests {
    @Test(arguments: Trouble.seeds(12))
    func `each task finds on the card what it wrote there, in any order of things`(seed: UInt64) throws {
        try Trouble.$seed.withValue(seed) {
            try VirtualProcessor.run {
                let hardware = TaskHardware()
                let task = try hardware.start()
                let shared = try SharedCard(seed: seed, hardware: hardware)
                let (count, priorities) = (5, [Task.Priority.low, .normal, .high, .normal, .low])
                var (ended, failures) = (0, [String]())
                for number in 0..<count {
                    let worker = try Task.spawn("worker", priority: priorities[number]) { () throws(TaskError) in
                        var blocks: [UInt64: UInt8] = [:]
                        do {
                            try shared.use(as: number, of: count, seed: seed, &blocks)
                            try shared.disk.flush()
                        } catch { failures.append("\(error)") }
                        for (block, value) in blocks
                        where shared.card.content(block) != Array(repeating: value, count: 512) {
                            failures.append("block \(block) of task \(number)")
                        }
                        ended += 1
                    }
                    // One that was cancelled does not do less.
                    if number == 3 { worker.cancel() }
                    worker.detach()
                }
                while ended < count { try Task.sleep(for: .milliseconds(1)) }
                #expect(failures.isEmpty && shared.violations.isEmpty, "\(failures) \(shared.violations)")
                task.cancel()
                try? task.join()
            }
        }
    }
}
