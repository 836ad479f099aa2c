import Interfaces
import Network
import Runtime
import Sockets

@testable import DNS

/// A name server for tests: answers what `answer` says, on UDP and TCP.
final class NameServer {
    private let host: IPHost
    private var tasks = 0
    /// Questions that arrived, by UDP and by TCP.
    private(set) var asked: [String] = []
    private(set) var askedByStream: [String] = []
    /// Ports that queries came from.
    private(set) var ports: [Port] = []
    /// Addresses by name, in small letters; without any it answers that there is no such name.
    var zone: [String: [IPv4Address]] = [:]
    /// Names of whose answers UDP carries only the beginning.
    var truncated: Set<String> = []
    /// Whether it says nothing at all.
    var isSilent = false

    init(_ host: IPHost) { self.host = host }

    /// The task that serves datagrams; to be cancelled and joined by the caller.
    func startDatagrams() throws(TaskError) -> Task {
        try Task.spawn("dns udp") { [self] () throws(TaskError) in
            guard let socket = try? host.openUDP(on: 53) else { return }
            while let (sender, bytes) = try? Self.receive(socket) {
                ports.append(sender.port)
                guard let answer = answer(bytes, isStream: false) else { continue }
                try? socket.send(answer.span.bytes, to: sender)
            }
        }
    }

    /// The task that serves connections; to be cancelled and joined by the caller.
    func startStreams() throws(TaskError) -> Task {
        try Task.spawn("dns tcp") { [self] () throws(TaskError) in
            guard let listener = try? host.listen(on: 53) else { return }
            while let connection = try? listener.accept() {
                var stream = DNSStream()
                while let bytes = try? Self.read(connection), !bytes.isEmpty {
                    if let message = stream.append(bytes.span.bytes), let answer = answer(message, isStream: true) {
                        try? connection.write(DNSStream.frame(answer).span.bytes)
                    }
                }
            }
        }
    }

    private static func receive(_ socket: UDPSocket) throws(SocketError) -> (Endpoint, [UInt8]) {
        var bytes = [UInt8](repeating: 0, count: 2000)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        let (sender, length) = try socket.receive(into: &raw)
        return (sender, Array(bytes[..<length]))
    }

    private static func read(_ connection: TCPConnection) throws(SocketError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 2000)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        let length = try connection.read(into: &raw)
        return Array(bytes[..<length])
    }

    private func answer(_ bytes: [UInt8], isStream: Bool) -> [UInt8]? {
        guard !isSilent, let query = try? DNSMessage(parsing: bytes.span.bytes), let question = query.questions.first
        else { return nil }
        let key = question.name.description.lowercased()
        if isStream { askedByStream.append(key) } else { asked.append(key) }
        var reply = DNSMessage(query.identifier, question)
        reply.isResponse = true
        if !isStream, truncated.contains(key) {
            reply.isTruncated = true
        } else if let addresses = zone[key] {
            reply.answers = addresses.map { DNSRecord(question.name, timeToLive: 60, .a($0)) }
        } else {
            reply.responseCode = .nameError
        }
        return reply.encoded
    }
}
