import Interfaces
import Runtime

/// Gathers what was found: a line for each thing, `name: found — details`, and a count at the end.
public final class Report {
    private let write: (Text) -> Void
    private var found = 0
    private var absent = 0
    private var failed = 0

    /// A report whose lines `write` shows.
    public init(_ write: @escaping (Text) -> Void) { self.write = write }

    /// Why something is not found.
    enum Failure: Error {
        /// It is not there, which is no mistake; says why.
        case absent(Text)
        /// It does not do what it should; says what.
        case failed(Text)
        /// The person ended the report.
        case cancelled

        init(_ error: DeviceError) {
            if case .absent = error { self = .absent("nothing answers") } else { self = .failed("\(error)") }
        }

        init(_ error: BlockError) {
            if case .absent = error.cause { self = .absent("no card") } else { self = .failed("\(error)") }
        }

        init(_ error: TaskError) {
            if case .cancelled = error { self = .cancelled } else { self = .failed("a task could not be started") }
        }
    }

    /// Looks for what `name` names: `body` returns the details.
    func check(_ name: StaticString, _ body: () throws(Failure) -> Text) throws(TaskError) {
        try Task.checkCancellation()
        do throws(Failure) {
            let details = try body()
            found += 1
            write("\(name): found — \(details)")
        } catch {
            switch error {
            case .absent(let details):
                absent += 1
                write("\(name): absent — \(details)")
            case .failed(let details):
                failed += 1
                write("\(name): failed — \(details)")
            case .cancelled: throw .cancelled
            }
        }
    }

    /// Ends the report with its count.
    func finish() { write("selftest: \(found) ok, \(absent) absent, \(failed) failed") }
}
