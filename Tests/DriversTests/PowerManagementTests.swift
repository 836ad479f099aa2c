import Interfaces
import Models
import PowerManagement
import Testing

@Suite struct PowerManagementTests {
    @Test func `a kicked watchdog lets the board live, a forgotten one resets it`() {
        let clock = VirtualClock()
        let model = PowerModel(clock)
        let power = PowerManagement(model, countsDown: true)
        for _ in 0..<10 {
            power.kick(timeout: .seconds(2))
            clock.advance(by: .seconds(1))
        }
        #expect(power.isRunning)
        #expect(power.remaining <= .seconds(1) && power.remaining > .milliseconds(990))
        #expect(model.resetTime == nil)
        clock.advance(by: .seconds(2))
        #expect(model.resetTime != nil)
    }

    @Test func `a stopped watchdog does not reset`() {
        let clock = VirtualClock()
        let model = PowerModel(clock)
        let power = PowerManagement(model, countsDown: true)
        power.kick(timeout: .seconds(1))
        power.stop()
        clock.advance(by: .seconds(20))
        #expect(!power.isRunning)
        #expect(model.resetTime == nil)
    }

    @Test(arguments: [Interval.seconds(100), Interval(nanoseconds: .max)])
    func `longer timeouts are shortened to what the counter holds`(timeout: Interval) {
        let clock = VirtualClock()
        let model = PowerModel(clock)
        let power = PowerManagement(model, countsDown: true)
        #expect(power.longestTimeout > .milliseconds(15_990) && power.longestTimeout < .seconds(16))
        power.kick(timeout: timeout)
        clock.advance(by: .seconds(15))
        #expect(model.resetTime == nil)
        clock.advance(by: .seconds(1))
        #expect(model.resetTime != nil)
    }

    @Test func `where the watchdog does not count it is not armed`() {
        let clock = VirtualClock()
        let model = PowerModel(clock, flavour: .qemu)
        PowerManagement(model, countsDown: false).kick(timeout: .seconds(10))
        #expect(model.resetTime == nil)
    }

    @Test(arguments: [PowerModel.Flavour.board, .qemu], [0, 1, 2, 5, 42, 62] as [UInt8])
    func `a reboot names its partition, whatever was there`(flavour: PowerModel.Flavour, partition: UInt8) {
        let clock = VirtualClock()
        let model = PowerModel(clock, flavour: flavour, status: 0x1555)
        PowerManagement(model, countsDown: flavour == .board).startReboot(partition: partition)
        clock.advance(by: .milliseconds(1))
        #expect(model.resetTime != nil)
        #expect(model.partition == UInt32(partition))
        #expect(model.statusAtReset.map { $0 & 0x1000 } == 0x1000)
    }

    @Test func `power off is partition 63`() {
        let clock = VirtualClock()
        let model = PowerModel(clock, flavour: .qemu)
        PowerManagement(model, countsDown: false).startPowerOff()
        #expect(model.partition == 63)
        #expect(model.statusAtReset.map { $0 & 0xFFF } == 0x555)
        // As the boot loader of a board that was switched off says it.
        #expect(model.status == 0x575)
    }

    @Test func `after a reset nothing is armed, and of what was written only the partition and the trial are left`() {
        let clock = VirtualClock()
        let model = PowerModel(clock, status: 0x1357)
        let power = PowerManagement(model, countsDown: true)
        power.kick(timeout: .seconds(3))
        clock.advance(by: .seconds(20))
        #expect(model.resets == 1 && !power.isRunning)
        #expect(power.resetStatus.wasWatchdog && !power.resetStatus.wasPowerOn && power.resetStatus.startsTrial)
        #expect(power.resetStatus.partition == 31)
        // The next one counts from the beginning, and is no leftover of the first.
        power.kick(timeout: .seconds(10))
        clock.advance(by: .seconds(9))
        #expect(model.resets == 1)
        clock.advance(by: .seconds(2))
        #expect(model.resets == 2)
    }

    @Test func `the reset status tells the causes apart`() {
        #expect(ResetStatus(rawValue: 0x1000).wasPowerOn)
        #expect(ResetStatus(rawValue: 0x0020).wasWatchdog)
        #expect(ResetStatus(rawValue: 0x0200).wasSoftware)
        let none = ResetStatus(rawValue: 0x0555)
        #expect(!none.wasPowerOn && !none.wasWatchdog && !none.wasSoftware && none.partition == 63)
    }
}
