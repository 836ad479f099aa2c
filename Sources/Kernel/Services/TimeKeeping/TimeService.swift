import Interfaces
import NTP
import Network
import Runtime
import Sockets

/// Sets the time of day and keeps it right, by asking servers (NTP, RFC 5905). Its task sleeps between two questions: minutes, when the
/// clock is steady.
public final class TimeService {
    private let host: IPHost
    /// The servers, as they were named.
    public let servers: [IPAddress]
    private var client: NTPClient
    /// Called after the clock was set, the first time and whenever it had been wrong by more than an eighth of a second.
    public var onStep: (() -> Void)?

    /// The port of servers.
    public static var port: Port { 123 }

    /// A service that asks `servers`: three at least if one that lies is to be found out.
    public init(_ host: IPHost, servers: [IPAddress]) {
        self.host = host
        self.servers = servers
        client = NTPClient(servers: servers.count, now: SystemTime.now)
    }

    /// What is known of the server at `index`.
    public func status(of index: Int) -> NTPClient.Status {
        WallClock.withClock { client.status(of: index, $0, now: SystemTime.now) }
    }

    /// Keeps the clock right until the task is cancelled.
    /// - Throws: `.full`, `.cancelled`.
    public func run() throws(SocketError) {
        // A port for each server, so that an answer is told from one that somebody else has sent.
        var sockets: [UDPSocket] = []
        let work = Signal()
        for server in servers {
            let socket = try host.openUDP(remote: Endpoint(server, Self.port))
            socket.onReadable = work
            sockets.append(socket)
        }
        while true {
            let steps = client.steps
            for (index, socket) in sockets.enumerated() {
                receive(index, socket)
                ask(index, socket)
            }
            if client.steps != steps { onStep?() }
            do throws(TaskError) { try work.wait(until: client.deadline) } catch {
                if error != .timedOut { throw .cancelled }
            }
        }
    }

    private func ask(_ index: Int, _ socket: UDPSocket) {
        let now = SystemTime.now
        let number = host.stack.randomNumber()
        let request = WallClock.withClock { client.request(to: index, random: number, clock: $0, now: now) }
        guard let request else { return }
        let bytes = request.encoded
        // Without a way there is no answer, and another request in a while.
        try? socket.send(unsafe bytes.span.bytes, to: Endpoint(servers[index], Self.port))
    }

    private func receive(_ index: Int, _ socket: UDPSocket) {
        var bytes = [UInt8](repeating: 0, count: 128)
        while let length = Self.receive(&bytes, socket) {
            let now = SystemTime.now
            let packet = bytes
            WallClock.withClock {
                client.receive(
                    unsafe packet.span.bytes.extracting(0..<min(length, 128)), from: index, clock: &$0, now: now)
            }
        }
    }

    private static func receive(_ bytes: inout [UInt8], _ socket: UDPSocket) -> Int? {
        var span = bytes.mutableSpan
        // Every pattern of bits is a byte.
        var raw = unsafe span.mutableBytes
        return socket.receiveNow(into: &raw)?.length
    }
}
