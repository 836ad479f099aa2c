import Interfaces
import Mailbox
import Runtime
import SDHCI

extension Board {
    /// The controller of the card, and the card in it.
    public typealias CardSlot = SDHCI<MMIO, TaskClock, ExpanderCardSupply>

    /// Finds the card: in the board's slot on EMMC2, or on EMMC1, where QEMU puts it.
    ///
    /// Throws `.absent` when no card answers on either, and otherwise what the controller said that had one.
    public static func openCard() throws(BlockError) -> CardSlot {
        let slot = CardSlot(
            MemoryMap.emmc2, baseClock: clockRate(.emmc2, otherwise: 100_000_000), time: TaskClock(),
            supply: ExpanderCardSupply())
        do throws(BlockError) {
            try slot.start()
            return slot
        } catch {
            guard error.cause == .absent else { throw error }
        }
        let other = CardSlot(
            MemoryMap.emmc1, baseClock: clockRate(.emmc, otherwise: 0), time: TaskClock(),
            supply: ExpanderCardSupply())
        try other.start()
        return other
    }

    private static func clockRate(_ clock: FirmwareClock, otherwise standard: UInt32) -> UInt32 {
        (try? askFirmware { firmware throws(DeviceError) in try firmware.clockRate(clock) }) ?? standard
    }
}

/// The card's supply and signalling voltage, switched by the firmware through its GPIO expander. Firmware without one (QEMU's) leaves
/// the card as it is.
public struct ExpanderCardSupply: CardSupply {
    /// Off for 10 ms, on again at 3.3 V.
    public func cyclePower() {
        guard set(.sdPowerOn, false) else { return }
        _ = set(.sdSignalling1V8, false)
        TaskClock().wait(for: .milliseconds(10))
        turnOn()
    }

    /// On, at 3.3 V, and 5 ms for it to settle.
    public func turnOn() {
        guard set(.sdSignalling1V8, false), set(.sdPowerOn, true) else { return }
        TaskClock().wait(for: .milliseconds(5))
    }

    private func set(_ line: ExpanderLine, _ isHigh: Bool) -> Bool {
        (try? Board.askFirmware { firmware throws(DeviceError) in try firmware.setLevel(isHigh, of: line) }) != nil
    }
}
