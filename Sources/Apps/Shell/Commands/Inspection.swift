import Interfaces
import RaspberryPi4
import Runtime
import SelfTestChecks
import ShellCore
import Storage

// memory, interrupts, devices, selftest: what the system is made of.

extension Command {
    static var memory: Command {
        Command(name: "memory", usage: "", help: "the heap, and where the image lies") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            let heap = Memory.statistics
            session.line("heap:      \(size: heap.capacity), \(size: heap.committed) taken by pages")
            session.line("in use:    \(heap.inUse) bytes, at most \(heap.peak)")
            session.line("requests:  \(heap.allocations), given back \(heap.frees), refused \(heap.failures)")
            show("code:      ", Image.code, in: session)
            show("constants: ", Image.constants, in: session)
            show("variables: ", Image.variables, in: session)
            show("all:       ", Image.all, in: session)
        }
    }

    private static func show(_ name: StaticString, _ range: Range<UInt64>, in session: Session) {
        let (start, end) = (range.lowerBound, range.upperBound)
        session.line("\(name)\(hexadecimal: start, digits: 8) to \(hexadecimal: end, digits: 8), \(size: end - start)")
    }

    static var interrupts: Command {
        Command(name: "interrupts", usage: "", help: "who is interrupted by what, and how often") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            session.line(" id  name             count")
            var rows: [Text] = []
            Interrupts.forEach { id, name, count in
                rows.append("\("\(id)", right: 3)  \("\(name)", left: 12) \("\(count)", right: 9)")
            }
            for row in rows { session.line(row) }
            session.line("unexpected: \(unsafe Interrupts.unexpected)")
        }
    }

    static var devices: Command {
        Command(name: "devices", usage: "", help: "what the board has, and what it says about itself") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            let report = Report { session.line($0) }
            try run(report, in: session) { (run) throws(TaskError) in try run.inventory() }
        }
    }

    static var selfTest: Command {
        Command(
            name: "selftest", usage: "[FILE]",
            help: "a report about the board: all devices, and measurements; into a file as well",
            arguments: .path
        ) {
            (session, words) throws(CommandError) in
            guard words.count <= 1 else { throw .usage }
            session.write(Image.note)
            let copy = ReportCopy()
            let report = Report { line in
                session.line(line)
                copy.add(line)
            }
            try run(report, in: session) { (run) throws(TaskError) in try run.run() }
            guard let word = words.first else { return }
            let path = session.path(word)
            try session.withVolume { (volume) throws(FileError) in try copy.save(on: volume, path) }
        }
    }

    private static func run(
        _ report: Report, in session: Session, _ part: (SelfTestRun) throws(TaskError) -> Void
    ) throws(CommandError) {
        let run = SelfTestRun(report, card: session.shell.card.underTest)
        do throws(TaskError) { try part(run) } catch { throw .cancelled }
    }
}
