import Interfaces
import Runtime
import SavedLog
import Storage

/// Keeps the log in files of the card, if it has a directory for them: what was logged is there a few seconds later, and so is the report of a crash after the next
/// start. A board that logs nothing writes nothing and is not woken.
final class LogKeeper {
    private let card: Card
    /// The log on the card; nil when there is no file system, or none that wants it.
    private var log: SavedLog?
    private var position: UInt64 = 0

    /// Messages that come within this time are written together.
    private static let delay = Interval.milliseconds(5_000)

    init(_ card: Card) { self.card = card }

    /// Keeps the report of a crash if there is one, and starts the task that keeps the log.
    func start() throws(TaskError) {
        guard let volume = card.volume, !volume.isReadOnly else { return }
        let report = Crash.previousReport
        tell { () throws(FileError) in
            guard let log = try SavedLog(volume) else { return }
            self.log = log
            if !report.isEmpty { try log.keep(crashReport: report) }
            try log.append(Array("--- start ---\n".utf8))
        }
        guard log != nil else { return }
        let signal = Signal()
        Log.addListener(signal)
        if Log.position > 0 { signal.raise() }
        let task = try Task.spawn("log keeper", priority: .low) { [self] () throws(TaskError) in
            while true {
                try signal.wait()
                try Task.sleep(for: LogKeeper.delay)
                save()
            }
        }
        task.detach()
    }

    /// Writes what was logged since the last time.
    func save() {
        guard let log else { return }
        let next = Log.position
        let text = Log.text(from: position)
        guard !text.isEmpty else { return }
        // Once, whatever comes of it: a message about a failure is no reason to fail again.
        position = next
        tell { () throws(FileError) in try log.append(text) }
    }

    /// Hands the kept log, or with `isCrash` the kept report, to `body`. False when there is none.
    func show(isCrash: Bool, _ body: ([UInt8]) -> Void) -> Bool {
        guard let log else { return false }
        var isThere = !isCrash
        tell { () throws(FileError) in
            if !isCrash { return try log.forEachPiece(body) }
            isThere = try log.forEachPieceOfCrashReport(body)
        }
        return isThere
    }

    /// Runs `body` and says on the console what went wrong.
    private func tell(_ body: () throws(FileError) -> Void) {
        do throws(FileError) { try body() } catch { print("log: the files on the card: \(error.description)") }
    }
}
