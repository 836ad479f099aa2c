import Network
import Runtime

/// Why a call on a socket failed.
@frozen
public enum SocketError: Error, Equatable, Sendable {
    /// The deadline came first. The socket is as it was; the call can be made again.
    case timedOut
    /// The task was asked to end. The socket is as it was.
    case cancelled
    /// The other end has reset the connection.
    case reset
    /// Nobody listens at the port.
    case refused
    /// The other end has stopped answering.
    case notAnswering
    /// No route leads there, or a host or router on the way said that it cannot be reached.
    case unreachable
    /// This side has ended the connection, or the address it was bound to is gone.
    case aborted
    /// The socket is closed, or its direction is.
    case closed
    /// Another socket has the port.
    case inUse
    /// No more memory, connections, sockets or ports.
    case full
    /// Longer than the socket can carry.
    case tooLong
    /// The address is none that can be used so.
    case invalid

    init(_ error: TCPError) {
        switch error {
        case .reset: self = .reset
        case .refused: self = .refused
        case .timedOut: self = .notAnswering
        case .unreachable: self = .unreachable
        case .aborted: self = .aborted
        case .closing, .notConnected: self = .closed
        }
    }

    init(_ error: StackError) {
        switch error {
        case .noRoute, .unreachable: self = .unreachable
        case .refused: self = .refused
        case .tooLong: self = .tooLong
        case .inUse: self = .inUse
        case .full: self = .full
        case .invalid: self = .invalid
        }
    }

    init(_ error: TaskError) {
        switch error {
        case .timedOut: self = .timedOut
        case .cancelled: self = .cancelled
        case .closed: self = .closed
        case .outOfMemory: self = .full
        }
    }
}
