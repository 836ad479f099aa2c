import Runtime
import ShellCore
import Storage

// ls, cd, pwd, cat: the files on the card.

extension Command {
    static var ls: Command {
        Command(name: "ls", usage: "[-l] [path]", help: "list a directory; -l with size and date", arguments: .path) {
            (session, words) throws(CommandError) in
            let isLong = words.first == Array("-l".utf8)
            let paths = isLong ? words.dropFirst() : words[...]
            guard paths.count <= 1 else { throw .usage }
            try list(session.path(paths.first ?? []), isLong: isLong, in: session)
        }
    }

    static var cd: Command {
        Command(name: "cd", usage: "[path]", help: "go to a directory; without a path to /", arguments: .directory) {
            (session, words) throws(CommandError) in
            guard words.count <= 1 else { throw .usage }
            let path = words.isEmpty ? "/" : session.path(words[0])
            try session.withVolume { (volume) throws(FileError) in
                guard try volume.entry(at: path).isDirectory else { throw .notADirectory(path) }
            }
            session.directory = Array(path.utf8)
        }
    }

    static var pwd: Command {
        Command(name: "pwd", usage: "", help: "show the current directory") { (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            session.write(VisibleText.name(session.directory))
            session.line()
        }
    }

    static var cat: Command {
        Command(name: "cat", usage: "path...", help: "show files; control characters as ^X", arguments: .path) {
            (session, words) throws(CommandError) in
            guard !words.isEmpty else { throw .usage }
            for word in words { try show(session.path(word), in: session) }
        }
    }

    // MARK: Listing

    private static func list(_ path: String, isLong: Bool, in session: Session) throws(CommandError) {
        let entry = try session.withVolume { (volume) throws(FileError) in try volume.entry(at: path) }
        guard entry.isDirectory else { return show(entry, isLong: isLong, in: session) }
        var reader = try session.withVolume { (volume) throws(FileError) in try volume.directory(path) }
        while true {
            let next: DirectoryEntry?
            do throws(FileError) { next = try reader.next() } catch { throw .failed("\(error.description)") }
            guard let next else { return }
            try session.checkCancellation()
            show(next, isLong: isLong, in: session)
        }
    }

    private static func show(_ entry: DirectoryEntry, isLong: Bool, in session: Session) {
        if isLong {
            let date = entry.modified.map { $0.description } ?? "-"
            let size: Text = entry.isDirectory ? "-" : "\(entry.size)"
            session.write("\(size, right: 10)  \("\(date)", left: 19)  ")
        }
        session.write(VisibleText.name(Array(entry.name.utf8)))
        session.line(entry.isDirectory ? "/" : "")
    }

    // MARK: Showing

    private static func show(_ path: String, in session: Session) throws(CommandError) {
        var filter = VisibleText()
        var text: [UInt8] = []
        var last: UInt8 = ASCII.lineFeed
        try session.readFile(path) { (chunk) throws(CommandError) in
            text.removeAll(keepingCapacity: true)
            for byte in chunk { filter.take(byte, into: &text) }
            last = text.last ?? last
            session.write(text)
        }
        text = []
        filter.finish(into: &text)
        session.write(text)
        // The prompt begins a line of its own, whether the file ends its last one or not.
        if (text.last ?? last) != ASCII.lineFeed { session.line() }
    }
}
