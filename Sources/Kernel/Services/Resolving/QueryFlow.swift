import DNS
import Interfaces
import Network
import Runtime
import Sockets

/// One query on its way: a socket, and the task that waits at it.
///
///     start -> sent -> each datagram or piece to the service -> end, which cancels the task, and the socket goes with it
final class QueryFlow {
    let flow: DNSFlow
    let server: Endpoint
    private let message: [UInt8]
    private var task: Task?
    /// The query could not be sent, for want of memory.
    private(set) var isBroken = false

    /// Bytes of a datagram that are read: servers send 512 at most to those who do not ask for more (RFC 1035 section 4.2.1).
    private static let datagramSize = 1500
    /// How long a server may take to accept a connection.
    private static let connectTime = Interval.seconds(4)

    init(_ flow: DNSFlow, _ server: Endpoint, _ message: [UInt8]) {
        self.flow = flow
        self.server = server
        self.message = message
    }

    /// Sends the query.
    func start(_ service: NameService) {
        do throws(TaskError) {
            task = try Task.spawn("name query") { [self] () throws(TaskError) in
                do throws(SocketError) {
                    if flow.isStream { try converse(service) } else { try exchange(service) }
                } catch {
                    if error != .cancelled { service.fail(self) }
                }
            }
        } catch {
            isBroken = true
        }
    }

    /// Ends the query: its task, and the socket with it, when that next waits.
    func end() {
        guard let task = task.take() else { return }
        task.cancel()
        task.detach()
    }

    private func exchange(_ service: NameService) throws(SocketError) {
        let socket = try service.host.openUDP(remote: server)
        let query = message
        try unsafe socket.send(query.span.bytes, to: server)
        var bytes = [UInt8](repeating: 0, count: Self.datagramSize)
        while true {
            let count = min(try receive(&bytes, from: socket), bytes.count)
            unsafe service.take(bytes.span.bytes.extracting(0..<count), on: self)
        }
    }

    private func receive(_ bytes: inout [UInt8], from socket: UDPSocket) throws(SocketError) -> Int {
        var span = bytes.mutableSpan
        // Bytes: every pattern of bits is a value.
        var raw = unsafe span.mutableBytes
        return try socket.receive(into: &raw).length
    }

    private func converse(_ service: NameService) throws(SocketError) {
        let connection = try service.host.connect(to: server, until: SystemTime.now + Self.connectTime)
        let query = message
        try unsafe connection.write(query.span.bytes)
        var bytes = [UInt8](repeating: 0, count: Self.datagramSize)
        while true {
            // Copied: what the service makes of it may need the stack, which lends nothing meanwhile.
            let count = try receive(&bytes, from: connection)
            if count == 0 { throw .closed }
            unsafe service.take(bytes.span.bytes.extracting(0..<count), on: self)
        }
    }

    private func receive(_ bytes: inout [UInt8], from connection: TCPConnection) throws(SocketError) -> Int {
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        return try connection.read(into: &raw)
    }
}
