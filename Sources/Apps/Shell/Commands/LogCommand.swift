import Network
import RemoteLog
import Runtime
import Settings
import ShellCore

// log: what was logged, and how much is.

extension Command {
    static var log: Command {
        Command(
            name: "log", usage: "[level [module] LEVEL | console LEVEL | saved | crash | remote [off | HOST [tcp]]]",
            help: "the latest messages; which are kept, shown, sent to a collector (syslog); those on the card",
            arguments: .words(["level", "console", "saved", "crash", "remote"])
        ) { (session, words) throws(CommandError) in
            guard let action = words.first else { return show(in: session) }
            if words.count == 1, action == Array("saved".utf8) { return try saved(isCrash: false, in: session) }
            if words.count == 1, action == Array("crash".utf8) { return try saved(isCrash: true, in: session) }
            if action == Array("level".utf8) {
                switch words.count {
                case 1: levels(in: session)
                case 2: unsafe Log.level = try level(words[1])
                case 3: Log.setLevel(try level(words[2]), of: try module(words[1]))
                default: throw .usage
                }
            } else if action == Array("console".utf8), words.count == 2 {
                unsafe Log.consoleLevel = try level(words[1])
            } else if action == Array("remote".utf8) {
                try remote(Array(words.dropFirst()), session)
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

    /// Shows what is kept on the card. Messages may hold what came from elsewhere, and go through the filter.
    private static func saved(isCrash: Bool, in session: Session) throws(CommandError) {
        var text: [UInt8] = []
        session.shell.logKeeper.save()
        guard session.shell.logKeeper.show(isCrash: isCrash, { text += $0 }) else {
            throw .failed(isCrash ? "no crash was kept on the card" : "there is no store on the card")
        }
        session.write(VisibleText.bytes(text))
    }

    /// Sends the log to a collector, or no longer, or tells.
    private static func remote(_ words: [[UInt8]], _ session: Session) throws(CommandError) {
        if words.isEmpty {
            guard let log = session.shell.remoteLog else { return session.line("not sent anywhere") }
            return session.line("to \(log.target): \(log.log.sent) messages, \(log.log.lost) bytes lost before")
        }
        if words.count == 1, words[0] == Array("off".utf8) { return session.shell.remoteLog = nil }
        guard words.count == 1 || (words.count == 2 && words[1] == Array("tcp".utf8)) else { throw .usage }
        let network = try session.networkWithAddress()
        let collector = Endpoint(try network.address(words[0]), RemoteLog.port)
        let name = Text(Array(session.shell.card.settings.settings.hostName.utf8))
        let log = RemoteLog(network.host, to: collector, by: words.count == 2 ? .tcp : .udp, hostName: name)
        session.shell.remoteLog = nil
        do throws(TaskError) {
            session.shell.remoteLog = try RunningRemoteLog(log, target: Text(Array(collector.description.utf8)))
        } catch { throw .failed("no memory for another task") }
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

/// The log on its way to a collector, until this is let go of.
final class RunningRemoteLog {
    let log: RemoteLog
    /// Where it goes, in words.
    let target: Text
    private let task: Task

    init(_ log: RemoteLog, target: Text) throws(TaskError) {
        self.log = log
        self.target = target
        task = try Task.spawn("syslog", priority: .low) { () throws(TaskError) in try log.run() }
    }
}
