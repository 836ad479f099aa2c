import Interfaces

/// What the board gives the driver: the way to the controller, time, power, memory. The board implements it, and so does a test.
public protocol CardPlatform {
    /// How registers are reached.
    associatedtype Bus: RegisterBus
    /// What bounds every wait.
    associatedtype Time: Clock
    /// What switches the card's power.
    associatedtype Supply: CardSupply
    /// What the controller's interrupt raises.
    associatedtype Event: InterruptEvent
    /// The driver's own memory that the controller reaches.
    associatedtype Memory: DMAMemory
    /// The way to the memory of callers.
    associatedtype Mapping: DMAMapping

    /// A window of 0x100 bytes.
    var bus: Bus { get }
    /// The clock.
    var time: Time { get }
    /// The card's supply.
    var supply: Supply { get }
    /// Raised by the handler that calls `SDHCI.handleInterrupt`.
    var event: Event { get }
    /// What the controller needs to move data by itself; nil where it is not to. Without it, and where the controller cannot, data
    /// goes through its port.
    var dma: CardDMA<Memory, Mapping>? { get }
}

/// What a controller needs to move data by itself.
public struct CardDMA<Memory: DMAMemory, Mapping: DMAMapping> {
    /// `CardDMALayout.size` bytes for descriptors and what has to be copied. Nobody else's.
    public let memory: Memory
    /// The way to the memory of callers.
    public let mapping: Mapping
    /// What the controller reaches.
    public let window: DMAWindow
    /// Where the controller finds the memory.
    let address: UInt32

    /// Memory that lies in `window`, and the way to that of callers.
    public init(memory: Memory, mapping: Mapping, window: DMAWindow) {
        guard memory.physicalAddress % 64 == 0,
            let address = window.busAddress(of: memory.physicalAddress, count: CardDMALayout.size)
        else { preconditionFailure("SDHCI: the driver's memory begins on a cache line and lies in the window") }
        self.address = address
        self.memory = memory
        self.mapping = mapping
        self.window = window
    }
}

/// How the driver's own memory is used.
public enum CardDMALayout {
    /// Bytes the driver needs.
    public static var size: Int { bounce.upperBound }
    /// The descriptors.
    static var table: Range<Int> { 0..<4096 }
    /// Two cache lines for each segment of a read: the pieces of its first and last line.
    static var edges: Range<Int> { 4096..<4096 + 128 * TransferPlan.mostSegments }
    /// Blocks of buffers that the controller cannot use.
    static var bounce: Range<Int> { 8192..<8192 + 65536 }
}
