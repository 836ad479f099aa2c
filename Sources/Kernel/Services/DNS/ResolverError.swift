/// Why a name was not resolved.
@frozen
public enum ResolverError: Error, Equatable, Sendable {
    /// A server knows that there is no such name.
    case noSuchName
    /// The name is there, but nothing of the type that was asked for.
    case noData
    /// No server answered in time. Another try may help.
    case timedOut
    /// The servers have trouble, or their answer leads in a circle.
    case serverFailure
    /// The servers do not want to answer.
    case refused
    /// No server is known.
    case noServers
    /// This cannot be a name: a label is empty or too long, something else than ASCII stands in it, or it looks like an address and is none.
    case malformedName
    /// As many names are being resolved as there is memory for.
    case busy
}
