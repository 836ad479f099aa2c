import Interfaces
import Mailbox
import Runtime
import SDHCI

/// The card's supply and signalling voltage, switched by the firmware through its GPIO expander. Firmware without one (QEMU's) leaves
/// the card as it is.
public struct ExpanderCardSupply: CardSupply {
    private var power: CardPower<FirmwareExpander, TaskClock> {
        CardPower(lines: FirmwareExpander(), time: TaskClock())
    }

    /// Off for 20 ms, on again at 3.3 V.
    public func cyclePower() { power.cyclePower() }

    /// On, at 3.3 V, and 10 ms for it to settle. A card that an earlier stage left at 1.8 V is off before.
    public func turnOn() { power.turnOn() }

    /// Whether the firmware has the line for it.
    public var canSignalAt1V8: Bool { power.canSignalAt1V8 }

    /// 1.8 V, and 5 ms for it to settle.
    public func signalAt1V8() -> Bool { power.signalAt1V8() }

    /// Leaves the card as the boot ROM finds it; the firmware expects a reset from here on.
    func release() { power.release() }
}

/// The expander, by the board's mailbox.
struct FirmwareExpander: Expander {
    func isHigh(_ line: ExpanderLine) -> Bool? {
        try? Board.askFirmware { firmware throws(DeviceError) in try firmware.isHigh(line) }
    }

    func drive(_ line: ExpanderLine, _ isHigh: Bool) -> Bool {
        (try? Board.askFirmware { firmware throws(DeviceError) in try firmware.setLevel(isHigh, of: line) }) != nil
    }

    func announceReset() {
        _ = try? Board.askFirmware { firmware throws(DeviceError) in try firmware.notifyReboot() }
    }
}

/// The expander after a crash: by a message of its own, since the program may have stopped in the middle of another. That one's answer has another address,
/// and is thrown away. Nothing here allocates, and no task runs; once the firmware has not answered, it is not asked again.
struct CrashExpander: Expander {
    nonisolated(unsafe) private static var mailbox: Board.Firmware?
    nonisolated(unsafe) private static var isSilent = false

    /// Gets the memory for the message, while there is some.
    static func prepare() {
        guard unsafe mailbox == nil, let memory = Memory.allocateDeviceMemory(64) else { return }
        unsafe mailbox = Mailbox(MemoryMap.mailbox, time: SpinClock(), memory: memory)
    }

    private func ask<Answer>(_ request: (inout Board.Firmware) throws(DeviceError) -> Answer) -> Answer? {
        guard unsafe Self.mailbox != nil, unsafe !Self.isSilent else { return nil }
        do throws(DeviceError) {
            return try unsafe request(&Self.mailbox!)
        } catch {
            if case .timeout = error { unsafe Self.isSilent = true }
            return nil
        }
    }

    func isHigh(_ line: ExpanderLine) -> Bool? {
        ask { firmware throws(DeviceError) in try firmware.isHigh(line) }
    }

    func drive(_ line: ExpanderLine, _ isHigh: Bool) -> Bool {
        ask { firmware throws(DeviceError) in try firmware.setLevel(isHigh, of: line) } != nil
    }

    func announceReset() { _ = ask { firmware throws(DeviceError) in try firmware.notifyReboot() } }
}
