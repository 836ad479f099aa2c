import Interfaces
import Mailbox
import Runtime
import SDHCI

/// The card's supply and signalling voltage, switched by the firmware through its GPIO expander. Firmware without one (QEMU's) leaves
/// the card as it is.
public struct ExpanderCardSupply: CardSupply {
    /// Off for 10 ms, on again at 3.3 V.
    public func cyclePower() {
        guard set(.sdPowerOn, false) else { return }
        _ = set(.sdSignalling1V8, false)
        TaskClock().wait(for: .milliseconds(10))
        switchOn()
    }

    /// On, at 3.3 V, and 5 ms for it to settle. A card that an earlier stage left at 1.8 V is off before.
    public func turnOn() {
        if signalling == true { return cyclePower() }
        switchOn()
    }

    /// Whether the firmware has the line for it.
    public var canSignalAt1V8: Bool { signalling != nil }

    /// 1.8 V, and 5 ms for it to settle.
    public func signalAt1V8() -> Bool {
        guard set(.sdSignalling1V8, true) else { return false }
        TaskClock().wait(for: .milliseconds(5))
        return signalling == true
    }

    private func switchOn() {
        guard set(.sdSignalling1V8, false), set(.sdPowerOn, true) else { return }
        TaskClock().wait(for: .milliseconds(5))
    }

    /// Whether signals are at 1.8 V; nil where nobody knows.
    private var signalling: Bool? {
        try? Board.askFirmware { firmware throws(DeviceError) in try firmware.isHigh(.sdSignalling1V8) }
    }

    private func set(_ line: ExpanderLine, _ isHigh: Bool) -> Bool {
        (try? Board.askFirmware { firmware throws(DeviceError) in try firmware.setLevel(isHigh, of: line) }) != nil
    }
}
