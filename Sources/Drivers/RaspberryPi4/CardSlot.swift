import Interfaces
import Mailbox
import Runtime
import SDHCI

extension Board {
    /// The controller of the card, and the card in it.
    public typealias CardSlot = SDHCI<BoardCardPlatform>

    /// The slot whose interrupt is served: the one opened last.
    nonisolated(unsafe) private static var openSlot: CardSlot?
    nonisolated(unsafe) private static var cardMemory: DeviceMemory?

    /// Finds the card: in the board's slot on EMMC2, or on EMMC1, where QEMU puts it.
    ///
    /// Throws `.absent` when no card answers on either, and otherwise what the controller said that had one.
    public static func openCard() throws(BlockError) -> CardSlot {
        let dma = cardDMA()
        let slot = CardSlot(
            BoardCardPlatform(bus: MemoryMap.emmc2, dma: dma), baseClock: clockRate(.emmc2, otherwise: 100_000_000))
        do throws(BlockError) {
            try slot.start()
            return serve(slot)
        } catch {
            guard error.cause == .absent else { throw error }
        }
        // EMMC1 gets its own rate of the firmware. What it reaches nobody has written down, so that its data goes by the port.
        let other = CardSlot(
            BoardCardPlatform(bus: MemoryMap.emmc1, dma: nil), baseClock: clockRate(.emmc, otherwise: 0))
        try other.start()
        return serve(other)
    }

    private static func serve(_ slot: CardSlot) -> CardSlot {
        unsafe openSlot = slot
        unsafe releaseCard = { unsafe Board.openSlot?.stop() }
        // EMMC1 and EMMC2 share the line, and firmware may have left the other one interrupting.
        if Device.emmc.isPresent { CardSlot.silence(MemoryMap.emmc1) }
        if Device.emmc2.isPresent { CardSlot.silence(MemoryMap.emmc2) }
        enableInterrupt(InterruptMap.emmc, name: "card") { unsafe Board.openSlot?.handleInterrupt() }
        return slot
    }

    private static func clockRate(_ clock: FirmwareClock, otherwise standard: UInt32) -> UInt32 {
        (try? askFirmware { firmware throws(DeviceError) in try firmware.clockRate(clock) }) ?? standard
    }

    /// What EMMC2 needs to move data by itself; nil where nobody says what it reaches.
    private static func cardDMA() -> CardDMA<DeviceMemory, CallerMemory>? {
        guard let window = cardWindow() else { return nil }
        if unsafe cardMemory == nil { unsafe cardMemory = Memory.allocateDeviceMemory(CardDMALayout.size) }
        guard let memory = unsafe cardMemory,
            window.busAddress(of: memory.physicalAddress, count: CardDMALayout.size) != nil
        else { return nil }
        return CardDMA(memory: memory, mapping: CallerMemory(), window: window)
    }

    /// What EMMC2 reaches: what the device tree says, which the firmware writes for the chip at hand, or what follows from the board's
    /// revision when there is no tree.
    private static func cardWindow() -> DMAWindow? {
        if let tree = PhysicalMemory.deviceTree() { return CardReach.window(in: tree) }
        let revision = try? askFirmware { firmware throws(DeviceError) in try firmware.boardRevision() }
        return revision.flatMap { CardReach.window(of: $0) }
    }
}

/// What the driver of the card gets from the board.
public struct BoardCardPlatform: CardPlatform {
    /// The controller's registers.
    public let bus: MMIO
    /// What the controller needs to move data by itself.
    public let dma: CardDMA<DeviceMemory, CallerMemory>?
    /// Wakes the task that waits for the controller.
    public let event = TaskEvent()

    /// Lets other tasks run.
    public var time: TaskClock { TaskClock() }
    /// The firmware's expander.
    public var supply: ExpanderCardSupply { ExpanderCardSupply() }

    init(bus: MMIO, dma: CardDMA<DeviceMemory, CallerMemory>?) {
        self.bus = bus
        self.dma = dma
    }
}
