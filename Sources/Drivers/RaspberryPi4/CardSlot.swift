import DeviceTree
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

    nonisolated(unsafe) private static var isOpeningCard = false

    /// Finds the card: in the board's slot on EMMC2, or in QEMU on EMMC1, where that puts it. On a board EMMC1 is the wireless chip's.
    ///
    /// There is one slot. While somebody has it open it is not opened again; when its card has gone, the same slot is started anew.
    ///
    /// Throws `.absent` when no card answers, `.timeout` when the slot is open, and otherwise what the controller said that had a card.
    public static func openCard() throws(BlockError) -> CardSlot {
        // The start waits for the hardware, and another task may ask meanwhile.
        while unsafe isOpeningCard { TaskClock().wait(for: .milliseconds(1)) }
        unsafe isOpeningCard = true
        defer { unsafe isOpeningCard = false }
        if let open = unsafe openSlot {
            if open.card != nil { throw BlockError(.timeout("the card: open already, and not shared")) }
            try open.start()
            return open
        }
        let slot = CardSlot(BoardCardPlatform(bus: MemoryMap.emmc2, dma: cardDMA()), baseClock: cardClock())
        do throws(BlockError) {
            try slot.start()
            if slot.distrustsDMA { logger.warning("data goes through the port: a block that was moved came out wrong") }
            return serve(slot)
        } catch {
            guard error.cause == .absent, isEmulated else { throw error }
        }
        // EMMC1 gets its own rate of the firmware. What it reaches nobody has written down, so that its data goes by the port.
        let rate = (try? askFirmware { firmware throws(DeviceError) in try firmware.clockRate(.emmc) }) ?? 0
        let other = CardSlot(BoardCardPlatform(bus: MemoryMap.emmc1, dma: nil), baseClock: rate)
        try other.start()
        return serve(other)
    }

    private static var logger: Logger { Logger(label: "card") }

    private static func serve(_ slot: CardSlot) -> CardSlot {
        unsafe openSlot = slot
        unsafe stopCard = { unsafe Board.openSlot?.stop() }
        unsafe releaseCard = { ExpanderCardSupply().release() }
        CrashExpander.prepare()
        unsafe releaseCardAtCrash = {
            // What the card was given before the crash it may finish.
            _ = unsafe Board.openSlot?.quiesce(on: SpinClock())
            CardPower(lines: CrashExpander(), time: SpinClock()).release()
        }
        // EMMC1 and EMMC2 share the line, and firmware may have left the other one interrupting.
        if Device.emmc.isPresent { CardSlot.silence(MemoryMap.emmc1) }
        if Device.emmc2.isPresent { CardSlot.silence(MemoryMap.emmc2) }
        enableInterrupt(InterruptMap.emmc, name: "card") { unsafe Board.openSlot?.handleInterrupt() }
        return slot
    }

    /// Turns the controller's power and clock on, which nobody has after a boot over the network, and finds out how fast it runs.
    private static func cardClock() -> UInt32 {
        _ = try? askFirmware { firmware throws(DeviceError) in try firmware.setPower(.sdCard, isOn: true) }
        let set = try? askFirmware { firmware throws(DeviceError) in try firmware.clockRate(.emmc2) }
        let measured = try? askFirmware { firmware throws(DeviceError) in try firmware.measuredClockRate(.emmc2) }
        let clock = CardClock(
            set: set ?? 0, measured: measured ?? 0, stated: CardSlot.statedClock(MemoryMap.emmc2))
        if clock.isDoubtful, !isEmulated {
            logger.warning("sources disagree about the controller's clock, \(clock.rate) Hz is taken")
        }
        return clock.rate
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

    private static func cardWindow() -> DMAWindow? {
        let chip = MemoryMap.chipID.probe(0).flatMap { CardReach.window(ofChip: $0) }
        let tree = PhysicalMemory.deviceTree().flatMap { CardReach.window(in: $0) }
        let revision = (try? askFirmware { firmware throws(DeviceError) in try firmware.boardRevision() })
            .flatMap { CardReach.window(of: $0) }
        let finding = CardReach.find(chip: chip, tree: tree, revision: revision)
        if finding.isDoubtful, !isEmulated {
            logger.warning("sources disagree about what the controller reaches; it is tried")
        }
        return finding.window
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
