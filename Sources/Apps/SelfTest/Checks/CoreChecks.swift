import Interfaces
import RaspberryPi4
import Runtime
import Synchronization

/// The cores beside the one that runs the tasks.
extension SelfTestRun {
    /// How many of the other cores have answered since the check began.
    private static let answers = Atomic<UInt32>(0)

    /// Wakes each parked core twice: it has to come back to where it can be woken again.
    func checkCores() throws(TaskError) {
        try report.check("cores") { () throws(Report.Failure) in
            for round in 1...2 as ClosedRange<UInt32> {
                Self.answers.store(0, ordering: .relaxed)
                for core in 1...3 as ClosedRange<UInt32> { try wake(core) }
                let deadline = SystemTime.now + .milliseconds(200)
                while Self.answers.load(ordering: .acquiring) < 3 {
                    if SystemTime.now > deadline {
                        // QEMU can be told to have one core.
                        if Self.answers.load(ordering: .relaxed) == 0 { throw .absent("no other core answers") }
                        throw .failed(
                            "\(Int(Self.answers.load(ordering: .relaxed))) of 3 answered in round \(Int(round))")
                    }
                    try sleep(until: SystemTime.now + .milliseconds(1))
                }
            }
            return "1, 2 and 3 woken, answered and parked, twice"
        }
    }

    private func wake(_ core: UInt32) throws(Report.Failure) {
        do throws(DeviceError) {
            try Board.run(onCore: core) { _ in Self.answers.add(1, ordering: .releasing) }
        } catch { throw .failed("core \(Int(core)) has no stack") }
    }
}
