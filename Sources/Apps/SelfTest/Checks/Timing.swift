import Interfaces
import RaspberryPi4
import Runtime
import SystemTimer

/// Clocks and interrupts.
extension SelfTestRun {
    // MARK: Time

    func checkTime() throws(TaskError) {
        try report.check("clocks") { () throws(Report.Failure) in try compareClocks() }
        try report.check("timer interrupt") { () throws(Report.Failure) in try timerLatency() }
    }

    /// Lets 100 ms pass and asks both timers how long that was.
    private func compareClocks() throws(Report.Failure) -> Text {
        let (start, systemStart) = (SystemTime.now, Board.systemTimer.microseconds)
        try sleep(until: start + .milliseconds(100))
        let (end, systemEnd) = (SystemTime.now, Board.systemTimer.microseconds)
        let generic = (end - start).nanoseconds
        let system = (systemEnd &- systemStart) * 1000
        guard system > 0 else { throw .failed("the system timer stands still") }
        let difference = generic > system ? generic - system : system - generic
        let text: Text = """
            generic timer \(microseconds: generic), system timer \(microseconds: system), \
            apart by \(difference * 1_000_000 / generic) ppm
            """
        // The two are read one after the other, and the coarser counts microseconds: 1 % is far beyond that.
        guard difference < generic / 100 else { throw .failed(text) }
        return text
    }

    /// How long after its deadline a task runs again.
    private func timerLatency() throws(Report.Failure) -> Text {
        var least = UInt64.max
        var most: UInt64 = 0
        var sum: UInt64 = 0
        for _ in 0..<100 {
            let deadline = SystemTime.now + .microseconds(500)
            try sleep(until: deadline)
            let late = (SystemTime.now - deadline).nanoseconds
            least = min(least, late)
            most = max(most, late)
            sum += late
        }
        return """
            task runs after its deadline by \(microseconds: least) to \(microseconds: most), \
            mean \(microseconds: sum / 100)
            """
    }

    func sleep(until deadline: Instant) throws(Report.Failure) {
        do throws(TaskError) { try Task.sleep(until: deadline) } catch { throw Report.Failure(error) }
    }

    // MARK: Interrupts

    /// Interrupts taken by the handler of `checkInterrupts`.
    nonisolated(unsafe) private static var taken = 0
    private static let softwareInterrupt: UInt32 = 1
    private static let rounds = 100

    func checkInterrupts() throws(TaskError) {
        try report.check("software interrupt") { () throws(Report.Failure) in
            unsafe SelfTestRun.taken = 0
            Board.handleSoftwareInterrupt(SelfTestRun.softwareInterrupt, name: "selftest") {
                unsafe SelfTestRun.taken += 1
            }
            var most: UInt64 = 0
            for round in 1...SelfTestRun.rounds {
                let start = SystemTime.now
                Board.sendSoftwareInterrupt(SelfTestRun.softwareInterrupt)
                let limit = start + .milliseconds(10)
                while unsafe SelfTestRun.taken < round {
                    guard SystemTime.now < limit else { throw .failed("number \(round) does not arrive") }
                }
                most = max(most, (SystemTime.now - start).nanoseconds)
            }
            return "\(SelfTestRun.rounds) sent to this core, all arrived, within \(microseconds: most)"
        }
        try report.check("unexpected interrupts") { () throws(Report.Failure) in
            let count = unsafe Interrupts.unexpected
            guard count == 0 else { throw .failed("\(count)") }
            return "none"
        }
    }
}
