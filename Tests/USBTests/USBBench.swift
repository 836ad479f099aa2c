import CDCEthernet
import DWC2
import Interfaces
import Models
import USB
import USBKeyboard
import USBStorage

typealias ModelController = DWC2<DWC2Model, LateClock, CoherentArenaModel, LateEvent>
typealias ModelAdapter = CDCEthernet<CoherentArenaModel>
typealias ModelDisk = USBStorage<CoherentArenaModel, LateEvent>

/// A controller on the bench: model, memory, driver, bus, and drivers of classes.
final class USBBench {
    static let fallback = HardwareAddress(bits: 0x02_0000_0000_01)
    static let spare = 24

    let clock = VirtualClock()
    /// How late tasks are when they have waited.
    let lateness = Lateness()
    let memory: CoherentArenaModel
    let frames: CoherentArenaModel
    let blocks: CoherentArenaModel
    let model: DWC2Model
    let controller: ModelController
    let bus: USBBus
    let adapter: ModelAdapter
    let keyboard = USBKeyboard()
    let disk: ModelDisk
    var news: [USBNews] = []
    var typed: [UInt8] = []
    private var next = Instant(nanoseconds: 0)
    private var isWoken = false

    init(isEmulated: Bool = false, preference: AdapterProtocol = .ecm, seed: UInt64 = 1) {
        memory = CoherentArenaModel(count: 8192, at: 0x20_0000, seed: seed, restlessness: 2)
        frames = CoherentArenaModel(
            count: ModelAdapter.memorySize(spareBuffers: Self.spare), at: 0x30_0000, seed: seed, restlessness: 2)
        blocks = CoherentArenaModel(count: 64 << 10, at: 0x50_0000, seed: seed, restlessness: 2)
        model = DWC2Model(clock, memories: [memory, frames, blocks], isEmulated: isEmulated)
        controller = DWC2(
            model, time: LateClock(clock, lateness), memory: memory,
            window: DMAWindow(physical: 0..<1 << 30, bus: 0xC000_0000),
            events: (LateEvent(clock, lateness), LateEvent(clock, lateness)),
            configuration: isEmulated ? .emulator : .board)
        bus = USBBus(controller)
        adapter = ModelAdapter(memory: frames, address: Self.fallback, preference: preference)
        disk = ModelDisk(memory: blocks, event: LateEvent(clock, lateness))
        model.switchOn()
        model.onInterrupt = { [unowned self] in controller.handleInterrupt() }
        bus.observer = { [unowned self] in news.append($0) }
        keyboard.typed = { [unowned self] in typed += $0 }
        bus.add(adapter)
        bus.add(keyboard)
        bus.add(disk)
        controller.portEvent = { [unowned self] in isWoken = true }
    }

    deinit { try? controller.stop() }

    /// A bench whose controller has started, with `device` at its root port.
    static func started(
        _ device: USBFunctionModel? = nil, isEmulated: Bool = false, preference: AdapterProtocol = .ecm,
        seed: UInt64 = 1
    ) throws -> USBBench {
        let bench = USBBench(isEmulated: isEmulated, preference: preference, seed: seed)
        if let device { bench.model.plug(device) }
        try bench.controller.start()
        bench.run(milliseconds: 1000)
        return bench
    }

    /// Everything that was done wrong.
    var violations: [String] { model.violations + memory.violations + frames.violations + blocks.violations }

    /// Lets the bus' task do its work for a while.
    func run(milliseconds: UInt64) {
        let end = clock.now + .milliseconds(milliseconds)
        while clock.now < end {
            if clock.now >= next || isWoken {
                isWoken = false
                next = bus.service()
            }
            if !isWoken { clock.waitForEvent(until: min(next, end)) }
        }
    }

    // MARK: - Frames

    static func frame(_ length: Int, seed: Int = 1) -> [UInt8] {
        (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 13 &+ seed &* 7 &+ length) }
    }

    func send(_ frame: [UInt8]) throws(NetworkError) {
        try adapter.transmit(frame.count) { span in
            for (index, byte) in frame.enumerated() {
                span.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
            }
        }
    }

    /// Lets everything that was sent go, as the network's task does.
    func settle() {
        for _ in 0..<4 {
            _ = adapter.arm(.receive)
            clock.advance(by: .milliseconds(5))
        }
    }

    /// What has arrived until `milliseconds` have passed, or `count` frames are there.
    func receive(_ count: Int = .max, milliseconds: UInt64 = 50) -> [[UInt8]] {
        var received: [[UInt8]] = []
        let end = clock.now + .milliseconds(milliseconds)
        while clock.now < end, received.count < count {
            guard let frame = adapter.receive() else {
                _ = adapter.arm(.receive)
                clock.waitForEvent(until: min(end, min(adapter.deadline, clock.now + .milliseconds(1))))
                continue
            }
            received.append(Self.bytes(frame))
        }
        return received
    }

    static func bytes(_ frame: consuming ReceivedFrame) -> [UInt8] {
        let span = frame.bytes
        return (0..<span.byteCount).map { span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }

    /// Buffers that are neither free nor with the adapter.
    var lostBuffers: Int {
        let total = ModelAdapter.memorySize(spareBuffers: Self.spare) / 2048 - 16
        return total - adapter.spareBuffers - (adapter.adapterProtocol == nil ? 0 : 16)
    }
}
