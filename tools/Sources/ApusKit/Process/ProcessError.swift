/// A program that could not be started or did not succeed.
package enum ProcessError: UserError, Equatable {
    case notFound(String)
    case notStarted(String, reason: String)
    case failed(String, output: String)

    package var description: String {
        switch self {
        case .notFound(let name):
            "\(name) is not installed; run ./apus setup, or ./apus doctor to see what is missing"
        case .notStarted(let path, let reason):
            "\(path) does not start: \(reason)"
        case .failed(let command, let output):
            "`\(command)` failed" + (output.isEmpty ? "" : ":\n" + output.trimmingSuffix(while: \.isNewline))
        }
    }
}

extension String {
    /// The string without the characters at its end that `matches` holds for.
    func trimmingSuffix(while matches: (Character) -> Bool) -> String {
        var view = self[...]
        while let last = view.last, matches(last) { view.removeLast() }
        return String(view)
    }
}
