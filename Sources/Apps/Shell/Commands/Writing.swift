import Runtime
import ShellCore
import Storage

// write, append, cp, mv, rm, mkdir, rmdir, touch, df, sync, check: changes to the files on the card. What each did is durable when the
// next prompt comes.

extension Command {
    static var write: Command {
        Command(name: "write", usage: "path [word...]", help: "make a file of the words", arguments: .path) {
            (session, words) throws(CommandError) in
            let text = try line(of: words)
            try session.replaceFile(session.path(words[0])) { (file) throws(CommandError) in
                try session.withVolume { (_) throws(FileError) in try file.write(text) }
            }
        }
    }

    static var append: Command {
        Command(name: "append", usage: "path [word...]", help: "put the words at the end of a file", arguments: .path) {
            (session, words) throws(CommandError) in
            let text = try line(of: words)
            let path = session.path(words[0])
            guard try isThere(path, session) else {
                return try session.replaceFile(path) { (file) throws(CommandError) in
                    try session.withVolume { (_) throws(FileError) in try file.write(text) }
                }
            }
            try session.changeVolume { (volume) throws(FileError) in try volume.open(path, .append).write(text) }
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
            // Counts, unless the task that was started for it has done so; Control-C ends it.
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
        Command(
            name: "check", usage: "[repair]",
            help: "look through the files on the card for damage; changes nothing, but with repair puts it right",
            arguments: .words(["repair"])
        ) { (session, words) throws(CommandError) in
            switch words.count {
            case 0:
                let check = try session.withVolume { (volume) throws(FileError) in try volume.check() }
                show(check, session)
                guard check.problems.isEmpty else {
                    throw .failed("the file system is damaged; `check repair` puts right what can be")
                }
                session.line(
                    check.isClean ? "nothing is damaged" : "nothing is damaged; `check repair` frees what is lost")
            case 1 where words[0] == Array("repair".utf8):
                let (found, left) = try session.withVolume { (volume) throws(FileError) in try volume.repair() }
                show(found, session)
                guard left.isClean else {
                    show(left, session)
                    throw .failed("that is left; `fsck.fat` may do more")
                }
                // Says so on the card, too.
                try session.withVolume { (volume) throws(FileError) in try volume.unmount() }
                session.line(found.isClean ? "nothing to repair" : "repaired")
            default: throw .usage
            }
        }
    }

    private static func show(_ check: FATCheck, _ session: Session) {
        for (problem, path) in check.problems {
            session.write(VisibleText.name(Array(path.utf8)))
            session.line(": \(problem.text)")
        }
        session.line("\(check.fileCount) files, \(check.directoryCount) directories")
        session.line("\(check.lostClusters) lost clusters, \(check.excessClusters) behind the end of files")
        if check.tableDifferences > 0 { session.line("\(check.tableDifferences) entries in which the tables differ") }
    }

    // MARK: Parts

    /// The words behind the first, with blanks between them, as a line.
    private static func line(of words: [[UInt8]]) throws(CommandError) -> [UInt8] {
        guard !words.isEmpty else { throw .usage }
        var text: [UInt8] = []
        for word in words.dropFirst() {
            if !text.isEmpty { text.append(ASCII.space) }
            text += word
        }
        text.append(ASCII.lineFeed)
        return text
    }

    private static func isThere(_ path: String, _ session: Session) throws(CommandError) -> Bool {
        try session.withVolume { (volume) throws(FileError) in
            do throws(FileError) {
                _ = try volume.entry(at: path)
                return true
            } catch {
                if case .notFound = error { return false }
                throw error
            }
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
        try session.replaceFile(target) { (copy) throws(CommandError) in
            var buffer = [UInt8](repeating: 0, count: 65536)
            while copy.size < file.size {
                try session.checkCancellation()
                let position = copy.size
                let count = try session.withVolume { (_) throws(FileError) in
                    try file.read(at: position, into: &buffer)
                }
                if count == 0 { break }
                let part = count == buffer.count ? buffer : Array(buffer[..<count])
                try session.withVolume { (_) throws(FileError) in try copy.write(part) }
            }
        }
    }
}
