import Runtime
import ShellCore

// log: what was logged, and how much is.

extension Command {
    static var log: Command {
        Command(
            name: "log", usage: "[level [module] LEVEL | console LEVEL]",
            help: "the latest messages; which are kept, which are shown", arguments: .words(["level", "console"])
        ) { (session, words) throws(CommandError) in
            guard let action = words.first else { return show(in: session) }
            if action == Array("level".utf8) {
                switch words.count {
                case 1: levels(in: session)
                case 2: unsafe Log.level = try level(words[1])
                case 3: Log.setLevel(try level(words[2]), of: try module(words[1]))
                default: throw .usage
                }
            } else if action == Array("console".utf8), words.count == 2 {
                unsafe Log.consoleLevel = try level(words[1])
            } else {
                throw .usage
            }
        }
    }

    private static func show(in session: Session) {
        // First copied, then shown: what is logged while the console is slow would move the ring under the reader.
        var text: [UInt8] = []
        Log.forEachByte { text.append($0) }
        if text.isEmpty { return session.line("Nothing was logged.") }
        session.write(text)
    }

    private static func levels(in session: Session) {
        session.line("kept:       \(unsafe Log.level.name) and above")
        session.line("on console: \(unsafe Log.consoleLevel.name) and above")
        Log.forEachModule { label, level in session.line("\(label): \(level.name) and above") }
    }

    private static func level(_ word: [UInt8]) throws(CommandError) -> LogLevel {
        for level in LogLevel.allCases where level.name.equals(word) { return level }
        throw .failed("\(word): not a level; they are trace, debug, info, notice, warning, error, critical")
    }

    private static func module(_ word: [UInt8]) throws(CommandError) -> StaticString {
        var found: StaticString?
        Log.forEachModule { label, _ in
            if label.equals(word) { found = label }
        }
        guard let found else { throw .failed("\(word): no module of that name has logged; `log level` lists them") }
        return found
    }
}
