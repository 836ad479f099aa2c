import Interfaces
import Runtime
import Storage

/// Why a report was not saved.
public enum SaveError: Error {
    /// There is no card, or none that works.
    case card(BlockError)
    /// The card's file system does not take it.
    case file(FileError)

    /// The reason in words.
    public var description: Text {
        switch self {
        case .card(let error): error.cause == .absent ? "there is no card" : "the card: \(error)"
        case .file(let error): "\(error.description)"
        }
    }
}
