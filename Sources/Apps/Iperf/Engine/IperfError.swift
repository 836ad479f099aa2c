import IperfProtocol
import Runtime
import Sockets

/// Why a test came to no result.
public enum IperfError: Error, Equatable, Sendable {
    /// A connection failed, or the other end did not say in time what it had to.
    case socket(SocketError)
    /// The other end said something else than it had to.
    case unexpected
    /// The client asks for what is not done here.
    case refused(IperfRefusal)
    /// The server runs another test.
    case busy
    /// The server has failed; iperf3's number says how.
    case server(UInt32)
    /// The other end gave up.
    case terminated
    /// There is not enough memory for the tasks.
    case outOfMemory

    /// In words.
    public var text: Text {
        switch self {
        case .socket(let error): "\(error.text)"
        case .unexpected: "the other end does not speak iperf3"
        case .refused(.notTCP): "the other end asks for another protocol than TCP"
        case .refused(.authentication): "the other end wants to prove who it is"
        case .refused(.malformed): "the other end asks for what makes no sense"
        case .busy: "the server runs another test"
        case .server(let code): "the server has failed: iperf3's error \(UInt64(code))"
        case .terminated: "the other end gave up"
        case .outOfMemory: "not enough memory for another task"
        }
    }
}

extension SocketError {
    /// In words.
    public var text: StaticString {
        switch self {
        case .timedOut: "no answer in time"
        case .cancelled: "given up"
        case .reset: "reset by the other end"
        case .refused: "nobody listens there"
        case .notAnswering: "the other end has stopped answering"
        case .unreachable: "not to be reached"
        case .aborted: "ended from this side"
        case .closed: "closed"
        case .inUse: "the port is taken"
        case .full: "no more connections, sockets or memory"
        case .tooLong: "too long"
        case .invalid: "not an address that can be used"
        }
    }
}
