import AVSMonitor
import Interfaces
import Models
import RNG200
import SystemTimer
import Testing

@Suite struct SystemTimerTests {
    @Test(arguments: [0, 0xFFFF_FFFD, 0xFFFF_FFFE, 0xFFFF_FFFF, 0x1_FFFF_FFFE, 0x5_0000_0000] as [UInt64])
    func `the two halves of the counter belong together`(start: UInt64) {
        let model = SystemTimerModel(counter: start)
        let value = SystemTimer(model).microseconds
        #expect(value >= start && value <= model.counter)
    }

    @Test func `an alarm comes after its time, across the lower half's wrap`() {
        let model = SystemTimerModel(counter: 0xFFFF_FFF0)
        let timer = SystemTimer(model)
        #expect(timer.setAlarm(.three, after: 100))
        #expect(!timer.hasMatched(.three))
        model.advance(100)
        #expect(timer.hasMatched(.three) && !timer.hasMatched(.one))
        timer.clear(.three)
        #expect(!timer.hasMatched(.three))
        #expect(model.compared.keys.sorted() == [3])
    }

    @Test func `an alarm that has passed while it was set is told`() {
        let timer = SystemTimer(SystemTimerModel(counter: 0, step: 50))
        #expect(timer.setAlarm(.one, after: 10) == false)
    }
}

@Suite struct AVSMonitorTests {
    private struct Register: RegisterModel {
        let value: UInt32
        func read(_ offset: Int) -> UInt32 { offset == 0x200 ? value : 0 }
        func write(_ value: UInt32, at offset: Int) {}
    }

    @Test(arguments: [(0x1_0400 | 740, 49_660), (0x1_0400 | 842, 0), (0x1_0400 | 1023, 0)] as [(UInt32, Int)])
    func `codes become temperatures`(value: UInt32, temperature: Int) throws {
        let monitor = try AVSMonitor(Register(value: value), time: VirtualClock())
        #expect(try monitor.millidegreesCelsius() == temperature)
    }

    @Test(arguments: [0, 0x400, 0x1_0000] as [UInt32])
    func `a result that never becomes valid is a timeout`(value: UInt32) throws {
        let monitor = try AVSMonitor(Register(value: value), time: VirtualClock())
        #expect(throws: DeviceError.timeout("")) { try monitor.millidegreesCelsius() }
    }

    @Test func `an absent monitor is told`() {
        #expect(throws: DeviceError.absent) { try AVSMonitor(AbsentBus(), time: VirtualClock()) }
    }
}

@Suite struct RNG200Tests {
    @Test(arguments: [1, 3, 4, 5, 32, 257])
    func `every length is filled from the generator's words`(count: Int) throws {
        let clock = VirtualClock()
        let model = RNG200Model(clock)
        let bytes = try RNG200(model, time: clock).bytes(count)
        let words = model.words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
        #expect(bytes == Array(words.prefix(count)))
        #expect(model.words.count == (count + 3) / 4)
    }

    @Test func `starting does not wait for the first word`() throws {
        let clock = VirtualClock()
        _ = try RNG200(RNG200Model(clock), time: clock)
        #expect(clock.now.nanoseconds == 0)
    }

    @Test func `a generator that the firmware started is not started again`() throws {
        let clock = VirtualClock()
        let rng = try RNG200(RNG200Model(clock, isRunning: true), time: clock)
        _ = try rng.bytes(16)
        #expect(clock.now < Instant(nanoseconds: 1_000_000))
    }

    @Test func `a failed test restarts the generator, and what came before is not used`() throws {
        let clock = VirtualClock()
        let model = RNG200Model(clock, fault: .testFailure(afterWords: 3, times: 1))
        let bytes = try RNG200(model, time: clock).bytes(32)
        let words = model.words.suffix(8).flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
        #expect(bytes == words)
        #expect(model.resets == 1)
    }

    @Test(arguments: [RNG200Model.Fault.testFailure(afterWords: 1, times: .max), .lockedOut, .stuck])
    func `a generator that keeps failing is an error, and the buffer holds nothing`(fault: RNG200Model.Fault) throws {
        let clock = VirtualClock()
        let rng = try RNG200(RNG200Model(clock, fault: fault), time: clock)
        var buffer = [UInt8](repeating: 0xEE, count: 32)
        #expect(throws: DeviceError.invalid("")) { try rng.fill(&buffer) }
        #expect(buffer == Array(repeating: 0, count: 32))
    }

    @Test func `a generator that gives nothing is a timeout`() throws {
        let clock = VirtualClock()
        let rng = try RNG200(RNG200Model(clock, fault: .silent), time: clock)
        #expect(throws: DeviceError.timeout("")) { try rng.bytes(4) }
        #expect(clock.now < Instant(nanoseconds: 2_000_000_000))
    }

    @Test func `an absent generator is told`() {
        #expect(throws: DeviceError.absent) { try RNG200(AbsentBus(), time: VirtualClock()) }
    }
}
