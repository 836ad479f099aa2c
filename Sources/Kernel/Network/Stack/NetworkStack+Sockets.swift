/// A look at the UDP and echo sockets.
extension NetworkStack {
    /// One socket, for people.
    public struct SocketSummary: Sendable {
        /// The address and port that it is bound to; nil of an echo socket.
        public var local: Endpoint?
        /// The only other end; nil where there is any.
        public var remote: Endpoint?
        /// Datagrams that wait to be read.
        public var waiting: Int
    }

    /// Calls `body` with each socket.
    public func forEachSocket(_ body: (SocketSummary) -> Void) {
        for index in sockets.indices {
            var local: Endpoint?
            if case .udp(let address, let port) = sockets[index].kind { local = Endpoint(address, port) }
            body(SocketSummary(local: local, remote: sockets[index].remote, waiting: sockets[index].queue.count))
        }
    }
}
