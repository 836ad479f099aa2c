import Interfaces
import Models
import SDHCI
import Testing

/// The supply of the model's slot.
struct ModelSupply: CardSupply {
    let host: SDHCIModel
    let clock: VirtualClock
    var switches1V8 = false

    func cyclePower() {
        host.supplyIsOn = false
        host.supplyIsAt1V8 = false
        clock.advance(by: .milliseconds(15))
        host.supplyIsOn = true
        clock.advance(by: .milliseconds(10))
    }

    func turnOn() {
        if host.supplyIsAt1V8 { return cyclePower() }
        host.supplyIsOn = true
        clock.advance(by: .milliseconds(10))
    }

    var canSignalAt1V8: Bool { switches1V8 }

    func signalAt1V8() -> Bool {
        clock.advance(by: .milliseconds(5))
        host.supplyIsAt1V8 = true
        return true
    }
}

/// A board made of models.
struct ModelPlatform<Bus: RegisterBus, Supply: CardSupply>: CardPlatform {
    let bus: Bus
    let time: VirtualClock
    let supply: Supply
    let event: VirtualEvent
    var dma: CardDMA<CoherentArenaModel, CallerMemoryModel>?
}

/// A controller with a card, and a supply that can switch it.
struct CardBench {
    /// What a bench is made with.
    struct Options {
        var kind = SDCardModel.Kind.highCapacity
        var blockCount: UInt64 = 65536
        var hasCard = true
        var hostClock: UInt32 = 100_000_000
        var baseClock: UInt32 = 100_000_000
        /// Card, board and controller go to 1.8 V.
        var has1V8 = false
        /// The controller moves data by itself.
        var hasDMA = false
        var window = DMAWindow(physical: 0..<0x4000_0000, bus: 0xC000_0000)
        /// Where callers have their buffers.
        var callerAddress: UInt64 = 0x1000_0000
        var seed: UInt64 = 1
        var restlessness = 0
    }

    let clock = VirtualClock()
    let card: SDCardModel
    let host: SDHCIModel
    let event: VirtualEvent
    /// The driver's own memory, and that of its callers.
    let driverMemory: CoherentArenaModel
    let callerMemory: CoherentArenaModel
    let mapping: CallerMemoryModel
    let device: SDHCI<ModelPlatform<SDHCIModel, ModelSupply>>

    init(_ options: Options) {
        card = SDCardModel(options.kind, blockCount: options.blockCount)
        card.has1V8 = options.has1V8
        host = SDHCIModel(clock, card: options.hasCard ? card : nil, baseClock: options.hostClock)
        event = VirtualEvent(clock)
        driverMemory = CoherentArenaModel(
            count: CardDMALayout.size, at: 0x20_0000, seed: options.seed, restlessness: options.restlessness)
        callerMemory = CoherentArenaModel(
            count: 1 << 20, at: options.callerAddress, seed: options.seed + 1, restlessness: options.restlessness)
        mapping = CallerMemoryModel(callerMemory)
        host.memories = [driverMemory, callerMemory]
        host.window = options.window
        let supply = ModelSupply(host: host, clock: clock, switches1V8: options.has1V8)
        let dma = CardDMA(memory: driverMemory, mapping: mapping, window: options.window)
        device = SDHCI(
            ModelPlatform(
                bus: host, time: clock, supply: supply, event: event, dma: options.hasDMA ? dma : nil),
            baseClock: options.baseClock)
        host.interrupt = { [unowned device] in device.handleInterrupt() }
    }

    init(
        _ kind: SDCardModel.Kind = .highCapacity, blockCount: UInt64 = 65536, hasCard: Bool = true,
        hostClock: UInt32 = 100_000_000, baseClock: UInt32 = 100_000_000
    ) {
        var options = Options()
        options.kind = kind
        options.blockCount = blockCount
        options.hasCard = hasCard
        options.hostClock = hostClock
        options.baseClock = baseClock
        self.init(options)
    }

    /// A bench whose card has been identified.
    static func started(_ kind: SDCardModel.Kind = .highCapacity) throws -> CardBench {
        let bench = CardBench(kind)
        try bench.device.start()
        return bench
    }

    /// A bench whose controller moves data by itself, and whose card has been identified.
    static func withDMA(_ change: (inout Options) -> Void = { _ in }) throws -> CardBench {
        var options = Options()
        options.hasDMA = true
        change(&options)
        let bench = CardBench(options)
        try bench.device.start()
        bench.host.forgetTransfers()
        bench.event.forget()
        return bench
    }

    /// A bench at 1.8 V, or wherever it falls back to; `change` prepares card and controller.
    static func at1V8(hasDMA: Bool = false, _ change: (CardBench) -> Void = { _ in }) throws -> CardBench {
        var options = Options()
        options.has1V8 = true
        options.hasDMA = hasDMA
        let bench = CardBench(options)
        change(bench)
        try bench.device.start()
        return bench
    }

    /// Runs `body` and returns how long it took.
    func time(_ body: () -> Void) -> Interval {
        let start = clock.now
        body()
        return clock.now - start
    }

    // MARK: - Callers' memory

    /// Everything anybody did wrong.
    var violations: [String] {
        host.violations + driverMemory.violations + callerMemory.violations + mapping.violations
    }

    private func bytes(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(rebasing: callerMemory.bytes[range])
    }

    /// Reads `count` blocks to `offset` of the callers' memory, and returns what the processor sees there.
    func read(_ first: UInt64, _ count: Int, at offset: Int) throws(BlockError) -> [UInt8] {
        let range = offset..<offset + count * 512
        var span = unsafe MutableRawSpan(_unsafeBytes: bytes(range))
        try device.read(first, into: &span)
        return unsafe Array(bytes(range))
    }

    /// Puts `data` at `offset` of the callers' memory and writes it from there.
    func write(_ first: UInt64, _ data: [UInt8], at offset: Int) throws(BlockError) {
        let range = offset..<offset + data.count
        unsafe bytes(range).copyBytes(from: data)
        try device.write(first, from: unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(bytes(range))))
    }

    /// Pieces of the callers' memory.
    func pieces(_ ranges: [Range<Int>]) -> [BlockPiece] { ranges.map { unsafe BlockPiece(bytes($0)) } }

    /// What the processor sees in a part of the callers' memory.
    func content(_ range: Range<Int>) -> [UInt8] { unsafe Array(bytes(range)) }

    /// Puts `data` at `offset` as the processor does.
    func store(_ data: [UInt8], at offset: Int) { unsafe bytes(offset..<offset + data.count).copyBytes(from: data) }
}
