import Interfaces
import Runtime
import ShellCore

// echo, sleep.

extension Command {
    static var echo: Command {
        Command(name: "echo", usage: "[word...]", help: "show the words") { (session, words) throws(CommandError) in
            var text: [UInt8] = []
            for word in words {
                if !text.isEmpty { text.append(ASCII.space) }
                text += word
            }
            session.write(text)
            session.line()
        }
    }

    static var sleep: Command {
        Command(name: "sleep", usage: "seconds", help: "wait, for 0.001 seconds or more; Control-C ends it") {
            (session, words) throws(CommandError) in
            guard words.count == 1, let thousandths = Number.parseThousandths(words[0]) else { throw .usage }
            do throws(TaskError) { try Task.sleep(for: .milliseconds(thousandths)) } catch { throw .cancelled }
        }
    }
}
