import Interfaces
import Mailbox
import SDHCI

/// Who switches the expander's lines. What the firmware says to a request is not always true, or comes late: what counts is the line.
protocol Expander {
    /// Whether `line` is high; nil where nobody knows.
    func isHigh(_ line: ExpanderLine) -> Bool?
    /// Drives `line`. False where the firmware does not say that it did.
    func drive(_ line: ExpanderLine, _ isHigh: Bool) -> Bool
    /// Tells the firmware that a reset follows.
    func announceReset()
}

/// The card's supply and signalling voltage, switched through an expander. Where there is none, as in a released QEMU, the card stays as it
/// is and nothing waits.
struct CardPower<Lines: Expander, Time: Clock>: CardSupply {
    let lines: Lines
    let time: Time

    /// Off for 20 ms, on again at 3.3 V. The card is switched on whatever was said to switching it off: it may have gone off all the same.
    func cyclePower() {
        let isOff = lines.drive(.sdPowerOn, false)
        _ = lines.drive(.sdSignalling1V8, false)
        // Vdd below 0.5 V for 1 ms (SD Physical Layer Simplified Specification 6.00, 6.4.1), and capacitors in between.
        if isOff || lines.isHigh(.sdPowerOn) == false { time.wait(for: .milliseconds(20)) }
        switchOn()
    }

    /// On, at 3.3 V, and 10 ms for it to settle. A card that an earlier stage left at 1.8 V is off before.
    func turnOn() {
        if lines.isHigh(.sdSignalling1V8) == true { return cyclePower() }
        switchOn()
    }

    /// Whether the firmware has the line for it.
    var canSignalAt1V8: Bool { lines.isHigh(.sdSignalling1V8) != nil }

    /// 1.8 V, and 5 ms for it to settle.
    func signalAt1V8() -> Bool {
        let isDone = lines.drive(.sdSignalling1V8, true)
        guard let isHigh = lines.isHigh(.sdSignalling1V8) else { return isDone }
        if isHigh { time.wait(for: .milliseconds(5)) }
        return isHigh
    }

    /// Leaves the card as the boot ROM finds it, for a reset that follows. A boot loader that finds the signals at 1.8 V resets the board's supply: the
    /// memory is lost, the reset's cause, and a trial's mark. Firmware that knows of the reset cycles the card's power by itself when
    /// it is to switch it off, before it answers (docs/HARDWARE.md); for one that does not, the rest is done here.
    func release() {
        lines.announceReset()
        cyclePower()
    }

    private func switchOn() {
        _ = lines.drive(.sdSignalling1V8, false)
        var isOn = lines.drive(.sdPowerOn, true)
        switch lines.isHigh(.sdPowerOn) {
        case false?: isOn = lines.drive(.sdPowerOn, true) || isOn
        case true?: isOn = true
        case nil: break
        }
        if isOn { time.wait(for: .milliseconds(10)) }
    }
}
