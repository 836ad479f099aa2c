import Interfaces
import Mailbox
import Models
import Testing

@testable import RaspberryPi4

/// The card's power by way of the firmware, as each kind of firmware answers.
@Suite struct CardPowerTests {
    /// A board's expander: the driver of the mailbox on models.
    private final class Bench: Expander {
        let clock = VirtualClock()
        let model: MailboxModel
        let firmware: FirmwareModel
        private var mailbox: Mailbox<MailboxModel, VirtualClock, CoherentMemoryModel>

        init() {
            let memory = CoherentMemoryModel(count: 64, seed: 5, restlessness: 60)
            model = MailboxModel(clock, memory: memory)
            firmware = FirmwareModel(model, clock: clock)
            mailbox = Mailbox(model, time: clock, memory: memory)
        }

        var power: CardPower<Bench, VirtualClock> { CardPower(lines: self, time: clock) }
        var is1V8: Bool { firmware.lines[4] == true }
        var isOn: Bool { firmware.lines[6] == true }

        func isHigh(_ line: ExpanderLine) -> Bool? { try? mailbox.isHigh(line) }
        func drive(_ line: ExpanderLine, _ isHigh: Bool) -> Bool { (try? mailbox.setLevel(isHigh, of: line)) != nil }
        func announceReset() { try? mailbox.notifyReboot() }

        /// How long the card was without power when that was last taken from it.
        var timeOff: Interval {
            let off = firmware.changes.lastIndex { $0.line == 6 && !$0.isHigh }
            guard let off, let on = firmware.changes[off...].first(where: { $0.line == 6 && $0.isHigh }) else {
                return .nanoseconds(0)
            }
            return on.time - firmware.changes[off].time
        }
    }

    /// How a firmware answers the tags that read a line and that set one.
    static let styles = FirmwareTag.Style.allCases

    @Test(arguments: styles, styles)
    func `a card is never left without power, whatever the firmware says`(
        get: FirmwareTag.Style, set: FirmwareTag.Style
    ) {
        let bench = Bench()
        bench.model.style = [0x0003_0041: get, 0x0003_8041: set]
        bench.power.turnOn()
        #expect(bench.isOn && !bench.is1V8)
        bench.power.cyclePower()
        #expect(bench.isOn && !bench.is1V8)
        _ = bench.power.signalAt1V8()
        bench.power.turnOn()
        bench.power.cyclePower()
        #expect(bench.isOn && !bench.is1V8)
        // What is not there is not waited for.
        let isThere = set == .marked || set == .unmarked
        if isThere { #expect(bench.timeOff >= .milliseconds(10)) }
        bench.power.release()
        #expect(bench.isOn && !bench.is1V8)
        #expect(bench.model.allViolations == [])
    }

    @Test(arguments: [FirmwareTag.Style.marked, .unmarked])
    func `signals are at 1_8 V when the line is, whether the firmware says so or not`(style: FirmwareTag.Style) {
        let bench = Bench()
        bench.model.style[0x0003_8041] = style
        #expect(bench.power.canSignalAt1V8)
        #expect(bench.power.signalAt1V8() && bench.is1V8)
        bench.firmware.stuckLine = 4
        bench.power.cyclePower()
        #expect(!bench.power.signalAt1V8() && !bench.is1V8)
    }

    @Test func `a supply that does not come on is switched on again`() {
        let bench = Bench()
        bench.firmware.stuckLine = 6
        bench.power.cyclePower()
        #expect(bench.isOn)
    }

    @Test(arguments: [true, false])
    func `before a reset the card is at 3_3 V and has power, also where the firmware does not see to it`(isNew: Bool) {
        let bench = Bench()
        bench.firmware.cyclesCardPower = isNew
        #expect(bench.power.signalAt1V8())
        bench.power.release()
        #expect(bench.firmware.isResetAnnounced && bench.isOn && !bench.is1V8)
        // The announcement comes first: only then does the firmware know what switching off means.
        let first = bench.model.asked.firstIndex(of: 0x0003_0048)
        let off = bench.model.asked.lastIndex(of: 0x0003_8041)
        #expect(first != nil && off != nil && first! < off!)
        #expect(bench.clock.now < Instant(nanoseconds: 1_000_000_000))
    }

    @Test func `firmware that has stopped holds a reset up for seconds, not for ever`() {
        let bench = Bench()
        bench.model.latency = nil
        bench.power.release()
        #expect(bench.clock.now < Instant(nanoseconds: 15_000_000_000))
    }
}
