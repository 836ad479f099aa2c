import Runtime
import ShellCore
import Storage

// write, append, cp, mv, rm, mkdir, rmdir, touch, df, sync, check: changes to the files on the card. What each did is durable when the
// next prompt comes.

extension Command {
    static var write: Command {
        Command(name: "write", usage: "path [word...]", help: "make a file of the words", arguments: .path) {
            (session, words) throws(CommandError) in try put(words, .truncate, session)
        }
    }

    static var append: Command {
        Command(name: "append", usage: "path [word...]", help: "put the words at the end of a file", arguments: .path) {
            (session, words) throws(CommandError) in try put(words, .append, session)
        }
    }

    static var cp: Command {
        Command(name: "cp", usage: "from to", help: "copy a file to a path or into a directory", arguments: .path) {
            (session, words) throws(CommandError) in
            guard words.count == 2 else { throw .usage }
            let source = session.path(words[0])
            let target = try destination(words, session)
            guard try !isSame(source, target, session) else { throw .failed("both are the same file") }
            try copy(source, target, session)
        }
    }

    static var mv: Command {
        Command(name: "mv", usage: "from to", help: "give a file or directory another path", arguments: .path) {
            (session, words) throws(CommandError) in
            guard words.count == 2 else { throw .usage }
            let target = try destination(words, session)
            try session.changeVolume { (volume) throws(FileError) in
                try volume.rename(session.path(words[0]), to: target)
            }
        }
    }

    static var rm: Command {
        Command(name: "rm", usage: "path...", help: "delete files", arguments: .path) {
            (session, words) throws(CommandError) in
            try forEach(words, session) { (volume, path) throws(FileError) in try volume.remove(path) }
        }
    }

    static var mkdir: Command {
        Command(name: "mkdir", usage: "path...", help: "make directories", arguments: .directory) {
            (session, words) throws(CommandError) in
            try forEach(words, session) { (volume, path) throws(FileError) in try volume.makeDirectory(path) }
        }
    }

    static var rmdir: Command {
        Command(name: "rmdir", usage: "path...", help: "remove empty directories", arguments: .directory) {
            (session, words) throws(CommandError) in
            try forEach(words, session) { (volume, path) throws(FileError) in try volume.removeDirectory(path) }
        }
    }

    static var touch: Command {
        Command(name: "touch", usage: "path...", help: "make empty files, or set their time to now", arguments: .path) {
            (session, words) throws(CommandError) in
            try forEach(words, session) { (volume, path) throws(FileError) in
                try volume.open(path, .create).touch()
            }
        }
    }

    static var df: Command {
        Command(name: "df", usage: "", help: "show how much room there is on the card") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            try session.withVolume { (volume) throws(FileError) in
                let free = UInt64(try volume.freeClusterCount()) * UInt64(volume.clusterSize)
                let size = UInt64(volume.clusterCount) * UInt64(volume.clusterSize)
                session.line("\(size: free) free of \(size: size), in clusters of \(size: UInt64(volume.clusterSize))")
            }
        }
    }

    static var sync: Command {
        Command(name: "sync", usage: "", help: "make durable what was written, and mark the card as taken leave of") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            try session.withVolume { (volume) throws(FileError) in try volume.unmount() }
        }
    }

    static var check: Command {
        Command(name: "check", usage: "", help: "look through the files on the card for damage; changes nothing") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            let check = try session.withVolume { (volume) throws(FileError) in try volume.check() }
            for (problem, path) in check.problems {
                session.write(VisibleText.bytes(Array(path.utf8)))
                session.line(": \(problem.text)")
            }
            session.line("\(check.fileCount) files, \(check.directoryCount) directories")
            session.line("\(check.lostClusters) lost clusters, \(check.excessClusters) behind the end of files")
            if !check.problems.isEmpty { throw .failed("the file system is damaged; `fsck.fat` can repair it") }
        }
    }

    // MARK: Parts

    private static func put(
        _ words: [[UInt8]], _ options: OpenOptions, _ session: Session
    ) throws(CommandError) {
        guard let name = words.first else { throw .usage }
        var text: [UInt8] = []
        for word in words.dropFirst() {
            if !text.isEmpty { text.append(ASCII.space) }
            text += word
        }
        text.append(ASCII.lineFeed)
        try session.changeVolume { (volume) throws(FileError) in
            try volume.open(session.path(name), [.create, options]).write(text)
        }
    }

    private static func forEach(
        _ words: [[UInt8]], _ session: Session, _ change: (FATVolume, String) throws(FileError) -> Void
    ) throws(CommandError) {
        guard !words.isEmpty else { throw .usage }
        for word in words {
            try session.checkCancellation()
            try session.changeVolume { (volume) throws(FileError) in try change(volume, session.path(word)) }
        }
    }

    /// The path that the second of `words` means for the file that the first names: into a directory it goes by its own name.
    private static func destination(_ words: [[UInt8]], _ session: Session) throws(CommandError) -> String {
        let target = session.path(words[1])
        let isDirectory = try session.withVolume { (volume) throws(FileError) in
            do throws(FileError) {
                return try volume.entry(at: target).isDirectory
            } catch {
                if case .notFound = error { return false }
                throw error
            }
        }
        guard isDirectory, !(try isSame(session.path(words[0]), target, session)) else { return target }
        let source = Path.resolve(words[0], from: session.directory)
        return target + "/" + String(decoding: Path.parts(source).name, as: UTF8.self)
    }

    private static func isSame(_ first: String, _ second: String, _ session: Session) throws(CommandError) -> Bool {
        try session.withVolume { (volume) throws(FileError) in try volume.isSame(first, second) }
    }

    private static func copy(_ source: String, _ target: String, _ session: Session) throws(CommandError) {
        let file = try session.withVolume { (volume) throws(FileError) in try volume.open(source) }
        let copy = try session.withVolume { (volume) throws(FileError) in
            try volume.open(target, [.create, .truncate])
        }
        var buffer = [UInt8](repeating: 0, count: 65536)
        var position: UInt64 = 0
        while true {
            try session.checkCancellation()
            let count = try session.withVolume { (_) throws(FileError) in try file.read(at: position, into: &buffer) }
            if count == 0 { break }
            position += UInt64(count)
            let part = count == buffer.count ? buffer : Array(buffer[..<count])
            try session.withVolume { (_) throws(FileError) in try copy.write(part) }
        }
        try session.changeVolume { (_) throws(FileError) in try copy.close() }
    }
}
