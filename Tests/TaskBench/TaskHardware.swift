import Interfaces
import Models
import Runtime

/// The hardware of a model beside tasks: the model's time follows theirs, and what it does by itself, interrupts too, comes at any point of
/// theirs.
package final class TaskHardware {
    /// The model's time.
    package let clock = VirtualClock()
    private let changed = Signal()

    package init() { follow() }

    /// Lets what is due in the model happen.
    package func follow() {
        let now = SystemTime.now
        if now > clock.now { clock.wait(until: now) }
    }

    /// A point before or after an access to a register.
    package func access<Result>(_ body: () -> Result) -> Result {
        Interference.mayInterrupt()
        follow()
        let result = body()
        changed.raise()
        Interference.mayInterrupt()
        return result
    }

    /// Starts the task that lets things happen in the model when their time has come. Cancelled, it ends.
    package func start() throws(TaskError) -> Task {
        try Task.spawn("hardware", priority: .high) { [self] () throws(TaskError) in
            while true {
                do throws(TaskError) {
                    try changed.wait(until: clock.nextEvent)
                } catch {
                    if error == .cancelled { throw error }
                    Trouble.interrupt { self.follow() }
                    // It may come later than this task's next turn.
                    try Task.sleep(for: .microseconds(1))
                }
            }
        }
    }
}

/// A model's registers, with an interrupt before and after each access where there is trouble.
package struct TroubledBus<Model: RegisterModel>: RegisterBus {
    package let model: Model
    package let hardware: TaskHardware

    package init(_ model: Model, _ hardware: TaskHardware) {
        self.model = model
        self.hardware = hardware
    }

    package func read(_ offset: Int) -> UInt32 { hardware.access { model.read(offset) } }
    package func write(_ value: UInt32, at offset: Int) { hardware.access { model.write(value, at: offset) } }
    package func probe(_ offset: Int) -> UInt32? { hardware.access { model.probe(offset) } }
}
