import ShellCore
import Storage

/// Finds what an unfinished word could become.
struct Completion {
    private let session: Session

    /// More names than these are not looked at.
    private static let limit = 500

    init(_ session: Session) { self.session = session }

    /// The candidates for `word`, which stands behind the words `before`.
    func candidates(for word: [UInt8], behind before: [[UInt8]]) -> [Candidate] {
        guard let name = before.first else { return commands(word) }
        guard let command = session.shell.command(name) else { return [] }
        switch command.arguments {
        case .none: return []
        case .command: return commands(word)
        case .words(let words): return Completion.matching(words, word)
        case .path: return paths(word, directoriesOnly: false)
        case .directory: return paths(word, directoriesOnly: true)
        }
    }

    private func commands(_ word: [UInt8]) -> [Candidate] {
        Completion.matching(session.shell.commands.map { $0.name }, word)
    }

    private static func matching(_ words: [StaticString], _ start: [UInt8]) -> [Candidate] {
        words.map { $0.bytes }.filter { Candidate.matches($0, start: start) }.map { Candidate($0) }
    }

    private func paths(_ word: [UInt8], directoriesOnly: Bool) -> [Candidate] {
        guard let volume = session.volume else { return [] }
        let (directory, name) = Path.parts(word)
        let path = Path.resolve(directory, from: session.directory)
        var found: [Candidate] = []
        // Whatever goes wrong here goes wrong again, with a message, when the command runs.
        try? volume.list(String(decoding: path, as: UTF8.self)) { entry in
            let bytes = Array(entry.name.utf8)
            guard found.count < Completion.limit, entry.isDirectory || !directoriesOnly,
                Candidate.matches(bytes, start: name)
            else { return }
            found.append(Candidate(directory + bytes, suffix: entry.isDirectory ? [ASCII.slash] : [ASCII.space]))
        }
        return found
    }
}
