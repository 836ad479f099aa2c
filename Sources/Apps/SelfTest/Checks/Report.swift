import Interfaces
import Runtime

/// Gathers what was found: a line for each thing, `name: found — details`, a count and a checksum at the end.
public final class Report {
    private let show: (Text) -> Void
    /// FNV-1a over the lines shown so far, each with a newline.
    private var checksum: UInt64 = 0xcbf2_9ce4_8422_2325
    private var lines = 0
    private var found = 0
    private var absent = 0
    private var failed = 0

    /// A report whose lines `write` shows.
    public init(_ write: @escaping (Text) -> Void) { show = write }

    private func write(_ line: Text) {
        for byte in line.bytes { checksum = (checksum ^ UInt64(byte)) &* 0x100_0000_01b3 }
        checksum = (checksum ^ 0x0a) &* 0x100_0000_01b3
        lines += 1
        show(line)
    }

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

    /// Ends the report with its count, and with what `apus report` finds out by whether all of it arrived.
    func finish() {
        write("selftest: \(found) ok, \(absent) absent, \(failed) failed")
        show("checksum of these \(lines) lines: \(hexadecimal: checksum, digits: 16)")
    }
}
