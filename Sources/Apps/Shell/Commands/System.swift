import Interfaces
import RaspberryPi4
import Runtime
import ShellCore

// tasks, uptime, version, reboot, poweroff: the program as a whole.

extension Command {
    static var tasks: Command {
        Command(name: "tasks", usage: "", help: "every task: what it waits for, its stack, its share of time") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            // First gathered, then shown: showing waits for the console, and tasks may come and go meanwhile.
            let now = SystemTime.now.nanoseconds
            var rows: [Text] = []
            Tasks.forEach { rows.append(row($0, now)) }
            session.line(
                "name         waits for          priority  stack used  deepest     size  seconds   share  switches")
            for row in rows { session.line(row) }
            session.line("idle: \(Tasks.idleTime.nanoseconds, percentOf: now)")
        }
    }

    private static func row(_ task: Tasks.Description, _ now: UInt64) -> Text {
        let state = task.waitsFor ?? "- (runs)"
        let priority = name(task.priority)
        let milliseconds = task.runTime.nanoseconds / 1_000_000
        // What the deepest point left as zeros is not counted there.
        let deepest = max(task.stackUsed, task.stackDeepest)
        var row: Text = "\("\(task.name)", left: 12) \("\(state)", left: 18) \("\(priority)", left: 8)"
        row.append("\("\(task.stackUsed)", right: 12)\("\(deepest)", right: 9)\("\(task.stackSize)", right: 9)")
        row.append("\("\(decimal: milliseconds, 3)", right: 9)")
        row.append("\("\(task.runTime.nanoseconds, percentOf: now)", right: 8)")
        row.append("\("\(task.switches)", right: 10)")
        return row
    }

    private static func name(_ priority: Task.Priority) -> StaticString {
        switch priority {
        case .high: "high"
        case .normal: "normal"
        case .low: "low"
        }
    }

    static var uptime: Command {
        Command(name: "uptime", usage: "", help: "time since the start, and how much of it the processor slept") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            let now = SystemTime.now.nanoseconds
            let idle = Tasks.idleTime.nanoseconds
            session.line("up \(seconds: now / 1_000_000_000), idle \(idle, percentOf: now)")
        }
    }

    static var version: Command {
        Command(name: "version", usage: "", help: "what this image is") { (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            let note = Image.note
            session.write(note.bytes.isEmpty ? "The image has no header note: `apus build` writes it.\n" : note)
        }
    }

    static var reboot: Command {
        Command(name: "reboot", usage: "[try]", help: "start the board again; try: once, with its other boot files") {
            (session, words) throws(CommandError) in
            guard let word = words.first else {
                session.line("Starting again.")
                session.shell.putAway()
                Board.reboot()
            }
            guard words.count == 1, word == Array("try".utf8) else { throw .usage }
            session.line("Starting the other boot files.")
            session.shell.putAway()
            do throws(DeviceError) { try Board.rebootOnTrial() } catch {
                throw .failed("the firmware does not take it: \(error)")
            }
        }
    }

    static var powerOff: Command {
        Command(name: "poweroff", usage: "", help: "turn the board off; it may be unplugged then") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            session.line("Turning off.")
            session.shell.putAway()
            Board.powerOff()
        }
    }
}
