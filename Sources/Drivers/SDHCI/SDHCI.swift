// How the device works. A command is a store to one register; its response, or an error, shows in the status register, which clears
// by writing ones. Data is moved by the controller itself along a list of descriptors in memory (ADMA2), and one interrupt tells the end; a
// controller that cannot has a FIFO of one block: the status says "ready", the driver clears that, moves 128 words, and waits
// for the next one. The card's clock is the base clock divided by an even number: 400 kHz while cards are identified, then 25, 50 or
// 100 MHz. The Arasan cores of the BCM2711 take 32-bit accesses only and lose a register write that follows
// another within two card clocks, which matters while the clock is slow. On the board the card is on EMMC2, in QEMU on EMMC1.
import Interfaces

/// An SD card behind a standard SD host controller: a block device of 512-byte blocks.
///
/// The controller reads from and writes to the caller's memory where it can; see `move`. One call at a time: waits let other tasks
/// run, and a second call meanwhile traps; a board with tasks puts a queue in front.
///
/// Checksum errors and timeouts are tried again, four times in all: as before, tuned anew, one mode slower, and with the card identified
/// anew at 25 MHz and 3.3 V. Data errors that come again and again lead to a slower mode as well. What then is thrown says which blocks
/// of a write are unknown. A card that is pulled gives `.absent`, and so does another one put in its place, until `start` is called.
public final class SDHCI<Platform: CardPlatform>: BlockDevice {
    let bus: Platform.Bus
    let time: Platform.Time
    let supply: Platform.Supply
    let event: Platform.Event
    let dma: CardDMA<Platform.Memory, Platform.Mapping>?
    /// The clock that is divided down to the card's, in Hz; 0 until known.
    var baseClock: UInt32
    /// What was last written to CONTROL0. Registers are not read back to be changed.
    var hostControl: HostControl = []
    /// What was last written to CONTROL1, without its reset bits.
    var clockControl: ClockControl = []
    /// What was last written to HOST_CONTROL2, its tuning bits aside.
    var hostControl2: HostControl2 = []
    /// How long the controller waits for a block from the card.
    var readTimeout = DataTimeout(DataTimeout.reading, at: 0)
    /// How long it waits for a card that is busy.
    var busyTimeout = DataTimeout(DataTimeout.busy, at: 0)
    /// Whether data timeouts latch.
    var countsTimeout = false
    /// Whether a call is under way.
    private(set) var isBusy = false
    /// Whether calls are refused, because `stop` was called.
    var isClosing = false
    /// Whether commands are refused as well.
    var isStopped = false
    /// The address of the card, known as soon as it has one.
    var address: UInt32?

    /// What the command under way moves.
    var plan = TransferPlan()
    /// The fastest that is tried.
    var ceiling = SpeedCeiling.ultraHighSpeed
    /// Whether the controller can move data by itself, and did not fail to.
    var canMoveData = false
    /// Data errors since the last thousand commands without any; see `retrying`.
    var dataErrors = 0
    /// Commands without an error since the last one.
    var cleanCommands = 0
    /// ADMA errors since the last transfer that went well.
    var admaErrors = 0
    /// Whether the card took CMD23 when last asked.
    var takesBlockCount = true

    /// The card in the slot; nil before `start` and when it has gone.
    public internal(set) var card: SDCard?
    /// The card's clock in Hz; 0 while it is off.
    public internal(set) var clockRate: UInt32 = 0
    /// How card and controller talk.
    public internal(set) var mode = BusMode.defaultSpeed
    /// Whether four data lines are in use.
    public var isFourBits: Bool { hostControl.contains(.fourBits) }
    /// Whether eight data lines are in use, as an eMMC has.
    public var isEightBits: Bool { hostControl.contains(.eightBits) }
    /// Whether the controller moves data by itself, rather than through its port.
    public var usesDMA: Bool { canMoveData }
    /// Whether the controller was to move data by itself and does not: what the board says about its view of memory was not true.
    public var distrustsDMA: Bool { dma != nil && card != nil && !canMoveData }
    /// Counters since start.
    public internal(set) var statistics = CardStatistics()

    /// The controller that `platform` leads to. Touches nothing.
    ///
    /// `baseClock` is in Hz, as the firmware gives it (clock 12 for EMMC2, 1 for EMMC1). With 0 the controller's capabilities
    /// say it.
    public init(_ platform: Platform, baseClock: UInt32) {
        bus = platform.bus
        time = platform.time
        supply = platform.supply
        event = platform.event
        dma = platform.dma
        self.baseClock = baseClock
    }

    /// Resets the controller and identifies the card in the slot, again if one was known. Takes up to 0.2 s when there is no card,
    /// up to two seconds when one is slow.
    /// - Throws: `.absent` when no controller or no card answers, `.timeout`, `.corrupted` when the card's answers make no sense.
    public func start() throws(BlockError) {
        isClosing = false
        isStopped = false
        try enter()
        defer { leave() }
        card = nil
        dataErrors = 0
        ceiling = .ultraHighSpeed
        takesBlockCount = true
        // Whoever made the driver's memory has written to it: no line of that may be evicted over what the controller writes.
        dma?.memory.clean(0..<CardDMALayout.size)
        do throws(CardFailure) {
            try identify()
            admaErrors = 0
            try tryDMA()
            statistics = CardStatistics()
        } catch {
            throw BlockError(error.cause)
        }
    }

    /// The base clock that the capabilities of the controller at `bus` name, in Hz; 0 when they name none or nothing is there.
    public static func statedClock(_ bus: Platform.Bus) -> UInt32 {
        guard let word = bus.probe(HostRegister.capabilities.offset) else { return 0 }
        return HostCapabilities(rawValue: word).baseClockMHz * 1_000_000
    }

    /// Size of the card; no blocks without a card.
    public var geometry: BlockGeometry {
        BlockGeometry(
            blockSize: Self.blockSize, blockCount: card?.blockCount ?? 0,
            isReadOnly: card?.specificData.isWriteProtected ?? true)
    }

    /// Takes the interrupt away from the controller and tells the call that waits for it. For the interrupt handler; does no harm
    /// when another device interrupted.
    public func handleInterrupt() {
        // Enables are all that silences the line without losing what the status says; the call that waits sets them again.
        Self.silence(bus)
        event.raise()
    }

    /// Keeps the controller at `bus` from interrupting: for one that is not in use and shares a line with one that is.
    public static func silence(_ bus: Platform.Bus) { bus.write(HostStatus([]), to: HostRegister.signalEnable) }

    /// Bytes in a block.
    static var blockSize: Int { 512 }

    /// Marks the device as being in use. Throws `.absent` when it was stopped.
    func enter() throws(BlockError) {
        if isClosing { throw BlockError(.absent) }
        precondition(!isBusy, "SDHCI: one call at a time; tasks that share a card need a queue")
        isBusy = true
    }

    /// Marks the device as free.
    func leave() { isBusy = false }
}
