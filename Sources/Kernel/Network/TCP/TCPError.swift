/// Why a connection ended, or a call on it failed.
@frozen
public enum TCPError: Error, Sendable {
    /// The other end reset the connection. What was not read is lost.
    case reset
    /// The other end answered the SYN with a reset: nobody listens there.
    case refused
    /// The other end stopped answering. Try again later, or another address.
    case timedOut
    /// A host or router on the way says that the other end cannot be reached, or the next hop does not answer.
    case unreachable
    /// This end aborted the connection.
    case aborted
    /// This end has already closed its direction: nothing more can be written.
    case closing
    /// The connection is not open.
    case notConnected
}
