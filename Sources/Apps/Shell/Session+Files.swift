import Runtime
import ShellCore
import Storage

extension Session {
    /// Bytes of a file in memory at a time.
    private static let chunkSize = 4096

    /// `word` as an absolute path, seen from the current directory.
    func path(_ word: [UInt8]) -> String {
        String(decoding: Path.resolve(word, from: directory), as: UTF8.self)
    }

    /// The volume whose files the commands see.
    var volume: FATVolume? { stick ?? shell.card.volume }

    /// Asks that volume; what it throws becomes a line for the person.
    func withVolume<Answer>(
        _ question: (FATVolume) throws(FileError) -> Answer
    ) throws(CommandError) -> Answer {
        guard let volume else { throw .failed("there are no files (card: \(shell.card.summary))") }
        do throws(FileError) {
            return try question(volume)
        } catch {
            throw .failed("\(error.description)")
        }
    }

    /// As `withVolume`, and what `change` did is durable afterwards.
    func changeVolume(_ change: (FATVolume) throws(FileError) -> Void) throws(CommandError) {
        try withVolume { (volume) throws(FileError) in
            try change(volume)
            try volume.synchronize()
        }
    }

    /// Gives the file at `path` the content that `body` writes. Whatever fails, or is cancelled, in between: the file is what it was, and one that
    /// was not there is not there.
    func replaceFile(_ path: String, _ body: (File) throws(CommandError) -> Void) throws(CommandError) {
        let replacement = try withVolume { (volume) throws(FileError) in try volume.replace(path) }
        try body(replacement.file)
        try changeVolume { (_) throws(FileError) in try replacement.finish() }
    }

    /// Calls `body` with the bytes of the file at `path` from `offset` on, `limit` at most, a chunk at a time. Control-C
    /// ends it between two chunks.
    func readFile(
        _ path: String, from offset: UInt64 = 0, limit: UInt64 = .max,
        _ body: (ArraySlice<UInt8>) throws(CommandError) -> Void
    ) throws(CommandError) {
        let file = try withVolume { (volume) throws(FileError) in try volume.open(path) }
        var buffer = [UInt8](repeating: 0, count: Session.chunkSize)
        var position = offset
        var left = limit
        while left > 0 {
            try checkCancellation()
            let count = try withVolume { (_) throws(FileError) in try file.read(at: position, into: &buffer) }
            if count == 0 { return }
            let used = Int(min(UInt64(count), left))
            try body(buffer[..<used])
            position += UInt64(used)
            left -= UInt64(used)
        }
    }
}
