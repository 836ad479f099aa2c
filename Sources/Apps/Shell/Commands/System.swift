import Interfaces
import RaspberryPi4
import Runtime
import ShellCore

// tasks, uptime, version, reboot, poweroff: the program as a whole.

extension Command {
    static var tasks: Command {
        Command(name: "tasks", usage: "", help: "every task: what it waits for, its stack, its share of the processor") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            // First gathered, then shown: showing waits for the console, and tasks may come and go meanwhile.
            var all: [Tasks.Description] = []
            Tasks.forEach { all.append($0) }
            session.line("name         waits for          priority   stack used  deepest     size  time     share   switches")
            let now = SystemTime.now.nanoseconds
            for task in all { session.line(row(task, now)) }
            let idle = Tasks.idleTime.nanoseconds
            session.line("idle: \(Text.percentage(idle, of: now))")
        }
    }

    private static func row(_ task: Tasks.Description, _ now: UInt64) -> String {
        let state = task.waitsFor.map { "\($0)" } ?? "- (runs)"
        let priority: StaticString = switch task.priority {
        case .high: "high"
        case .normal: "normal"
        case .low: "low"
        }
        let milliseconds = task.runTime.nanoseconds / 1_000_000
        return Text.left("\(task.name)", 12) + " " + Text.left(state, 18) + " " + Text.left("\(priority)", 8)
            + Text.right("\(task.stackUsed)", 13) + Text.right("\(task.stackDeepest)", 9)
            + Text.right("\(task.stackSize)", 9) + "  " + Text.left(Text.decimal(milliseconds, 3) + " s", 9)
            + Text.left(Text.percentage(task.runTime.nanoseconds, of: now), 8) + "\(task.switches)"
    }

    static var uptime: Command {
        Command(name: "uptime", usage: "", help: "time since the start, and how much of it the processor slept") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            let now = SystemTime.now.nanoseconds
            let idle = Text.percentage(Tasks.idleTime.nanoseconds, of: now)
            session.line("up \(Text.duration(seconds: now / 1_000_000_000)), idle \(idle)")
        }
    }

    static var version: Command {
        Command(name: "version", usage: "", help: "what this image is") { (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            let note = Image.note
            session.write(note.utf8.isEmpty ? "The image has no header note: `apus build` writes it.\n" : note)
        }
    }

    static var reboot: Command {
        Command(name: "reboot", usage: "", help: "start the board again") { (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            session.line("Starting again.")
            Board.reboot()
        }
    }

    static var powerOff: Command {
        Command(name: "poweroff", usage: "", help: "turn the board off; it may be unplugged then") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            session.line("Turning off.")
            Board.powerOff()
        }
    }
}
