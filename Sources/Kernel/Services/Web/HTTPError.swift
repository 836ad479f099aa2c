import HTTP
import Sockets

/// Why a request was not answered as its handler wished.
public enum HTTPError: Error, Equatable, Sendable {
    /// The connection has failed; nobody is there to be told.
    case connection(SocketError)
    /// The request breaks the grammar or a limit; the client is told where nothing was sent yet.
    case syntax(HTTPSyntaxError)
    /// The handler refuses: the client gets the status.
    case status(HTTPStatus)
}
