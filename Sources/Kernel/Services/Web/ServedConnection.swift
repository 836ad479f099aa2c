import Interfaces
import Sockets

/// A connection of a server: between two requests it is this and what TCP knows, without a task.
final class ServedConnection: ConnectionWatcher {
    /// What it waits for.
    enum State {
        /// The first byte of a request.
        case idle
        /// The rest of a head, or its turn.
        case head
        /// A worker has it.
        case working
        /// The other end's end: this side has ended.
        case lingering
    }

    let connection: TCPConnection
    private let server: HTTPServer
    var state = State.idle
    /// When it is ended for what did not come.
    var deadline = Instant.never
    /// Bytes of the head that were looked at and found to hold no end.
    var scanned = 0
    /// Whether a worker is to look at it.
    var isReady = false
    /// The next in the queue of those.
    var nextReady: ServedConnection?
    /// Its place among the server's connections.
    var place = 0

    init(_ connection: TCPConnection, of server: HTTPServer) {
        self.connection = connection
        self.server = server
    }

    func hasNews() {
        if state != .working { server.makeReady(self) }
    }
}
