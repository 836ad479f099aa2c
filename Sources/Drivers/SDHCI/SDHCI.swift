// How the device works. A command is a store to one register; its response, or an error, shows in the status register, which clears
// by writing ones. Data goes through a FIFO of one block: the status says "ready", the driver clears that, moves 128 words, and waits
// for the next one, until "transfer complete". The card's clock is the base clock divided by an even number; it is 400 kHz while cards
// are identified, then 25, then 50 MHz. The Arasan cores of the BCM2711 take 32-bit accesses only and lose a register write that follows
// another within two card clocks, which matters while the clock is slow. On the board the card is on EMMC2, in QEMU on EMMC1.
import Interfaces

/// An SD card behind a standard SD host controller: a block device of 512-byte blocks.
///
/// The controller touches no memory by itself (data goes through its port). One call at a time: waits let other tasks run, and a
/// second call meanwhile traps; a board with tasks puts a mutex in front.
///
/// Checksum errors and timeouts are tried again, three times in all, the last one at 25 MHz. What then is thrown says which blocks
/// of a write are unknown. A card that is pulled gives `.absent`, and so does another one put in its place, until `start` is called.
public final class SDHCI<Bus: RegisterBus, Time: Clock, Supply: CardSupply>: BlockDevice {
    let bus: Bus
    let time: Time
    let supply: Supply
    /// The clock that is divided down to the card's, in Hz; 0 until known.
    var baseClock: UInt32
    /// What was last written to CONTROL0. Registers are not read back to be changed.
    var hostControl: HostControl = []
    /// What was last written to CONTROL1, without its reset bits.
    var clockControl: ClockControl = []
    /// Whether a call is under way.
    private var isBusy = false

    /// The card in the slot; nil before `start` and when it has gone.
    public internal(set) var card: SDCard?
    /// The card's clock in Hz; 0 while it is off.
    public internal(set) var clockRate: UInt32 = 0
    /// Whether four data lines are in use.
    public var isFourBits: Bool { hostControl.contains(.fourBits) }
    /// Whether high speed timing is in use.
    public var isHighSpeed: Bool { hostControl.contains(.highSpeed) }
    /// Counters since start.
    public internal(set) var statistics = CardStatistics()

    /// The controller behind `bus`, a window of 0x100 bytes. Touches nothing.
    ///
    /// - Parameters:
    ///   - baseClock: in Hz, as the firmware gives it (clock 12 for EMMC2, 1 for EMMC1). With 0 the controller's capabilities
    ///     say it.
    ///   - time: bounds every wait.
    ///   - supply: switches the card's power.
    public init(_ bus: Bus, baseClock: UInt32, time: Time, supply: Supply) {
        self.bus = bus
        self.baseClock = baseClock
        self.time = time
        self.supply = supply
    }

    /// Resets the controller and identifies the card in the slot, again if one was known. Takes up to 0.2 s when there is no card,
    /// up to two seconds when one is slow.
    /// - Throws: `.absent` when no controller or no card answers, `.timeout`, `.corrupted` when the card's answers make no sense.
    public func start() throws(BlockError) {
        enter()
        defer { leave() }
        card = nil
        do throws(CardFailure) {
            try identify()
        } catch {
            throw BlockError(error.cause)
        }
    }

    /// Size of the card; no blocks without a card.
    public var geometry: BlockGeometry {
        BlockGeometry(
            blockSize: Self.blockSize, blockCount: card?.blockCount ?? 0,
            isReadOnly: card?.specificData.isWriteProtected ?? true)
    }

    /// Bytes in a block.
    static var blockSize: Int { 512 }

    /// Marks the device as being in use.
    func enter() {
        precondition(!isBusy, "SDHCI: one call at a time; tasks that share a card need a mutex")
        isBusy = true
    }

    /// Marks the device as free.
    func leave() { isBusy = false }
}
