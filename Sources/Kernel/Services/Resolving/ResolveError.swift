import DNS
import Runtime

/// Why a name was not resolved.
@frozen
public enum ResolveError: Error, Equatable, Sendable {
    /// A server knows that there is no such name.
    case noSuchName
    /// The name is there, but nothing of the type that was asked for.
    case noData
    /// No server answered before the deadline. Another try may help.
    case timedOut
    /// The task was asked to end.
    case cancelled
    /// The servers have trouble, or their answer leads in a circle.
    case serverFailure
    /// The servers do not want to answer.
    case refused
    /// No server is known.
    case noServers
    /// This cannot be a name.
    case malformedName
    /// As many names are being resolved as there is memory for.
    case busy

    init(_ error: ResolverError) {
        switch error {
        case .noSuchName: self = .noSuchName
        case .noData: self = .noData
        case .timedOut: self = .timedOut
        case .serverFailure: self = .serverFailure
        case .refused: self = .refused
        case .noServers: self = .noServers
        case .malformedName: self = .malformedName
        case .busy: self = .busy
        }
    }

    /// In words.
    public var description: StaticString {
        switch self {
        case .noSuchName: "there is no such name"
        case .noData: "the name has nothing of that kind"
        case .timedOut: "no server answered in time"
        case .cancelled: "given up"
        case .serverFailure: "the servers have trouble"
        case .refused: "the servers do not want to answer"
        case .noServers: "no server is known"
        case .malformedName: "not a name"
        case .busy: "too many names are being looked for"
        }
    }
}
