import Interfaces
import Network
import Runtime
import Sockets
import TFTP

/// Why a file was not transferred.
public enum TransferError: Error, Equatable, Sendable {
    /// The transfer itself.
    case transfer(TFTPError)
    /// The network, and `.cancelled`.
    case network(SocketError)
    /// This side could not take or give the file's bytes, and has told the server.
    case file
}

/// Gets files from servers and puts them there (TFTP, RFC 1350). Nothing proves who a server is.
public final class TFTPClient {
    private let host: IPHost
    private let server: IPAddress

    /// The port of servers.
    public static var port: Port { 69 }

    /// A client of `server`.
    public init(_ host: IPHost, server: IPAddress) {
        self.host = host
        self.server = server
    }

    /// Gets the file `name`, and passes each block to `body`; when that returns false the transfer ends.
    /// - Returns: bytes of the file.
    public func get(_ name: [UInt8], _ body: ([UInt8]) -> Bool) throws(TransferError) -> UInt64 {
        var count: UInt64 = 0
        var transfer: TFTPTransfer
        do throws(TFTPError) { transfer = try TFTPTransfer(.get, name, now: SystemTime.now) } catch {
            throw .transfer(error)
        }
        let flow = try TFTPFlow(host, server, transfer)
        while !transfer.isFinished {
            let (event, packet) = try flow.next(&transfer)
            switch event {
            case .block(let range), .lastBlock(let range):
                count += UInt64(range.count)
                guard body(Array(packet[range])) else { throw flow.giveUp() }
            case .nothing, .wantsBlock, .finished: break
            }
            try flow.reply(transfer)
        }
        // A server that has not got the last acknowledgement asks for it; nobody waits for that here.
        let last = transfer
        if let task = try? Task.spawn("tftp", { flow.linger(last) }) { task.detach() }
        return count
    }

    /// Puts a file of `size` bytes as `name`; `body` gives the bytes of the next block, at most as many as it is asked for and fewer only
    /// at the end, or nil when it cannot.
    /// - Returns: bytes sent.
    public func put(
        _ name: [UInt8], size: UInt64?, _ body: (Int) -> [UInt8]?
    ) throws(TransferError) -> UInt64 {
        var count: UInt64 = 0
        var transfer: TFTPTransfer
        do throws(TFTPError) { transfer = try TFTPTransfer(.put, name, size: size, now: SystemTime.now) } catch {
            throw .transfer(error)
        }
        let flow = try TFTPFlow(host, server, transfer)
        while !transfer.isFinished {
            let (event, _) = try flow.next(&transfer)
            guard event == .wantsBlock else { continue }
            guard let content = body(transfer.blockSize) else { throw flow.giveUp() }
            count += UInt64(content.count)
            transfer.supply(content, now: SystemTime.now)
            try flow.send(transfer.packet)
        }
        return count
    }
}

/// The datagrams of one transfer.
private final class TFTPFlow {
    private let socket: UDPSocket
    private let server: IPAddress
    /// The server's port for this transfer, which its first answer tells (RFC 1350, section 4).
    private var remote: Endpoint?
    private var hasReply = false

    init(_ host: IPHost, _ server: IPAddress, _ transfer: TFTPTransfer) throws(TransferError) {
        self.server = server
        do throws(SocketError) { socket = try host.openUDP() } catch { throw .network(error) }
        try send(transfer.packet)
    }

    func send(_ packet: [UInt8]) throws(TransferError) {
        do throws(SocketError) {
            try socket.send(unsafe packet.span.bytes, to: remote ?? Endpoint(server, TFTPClient.port))
        } catch { throw .network(error) }
    }

    /// Sends what answers the packet that `next` returned.
    func reply(_ transfer: TFTPTransfer) throws(TransferError) {
        if hasReply { try send(transfer.packet) }
        hasReply = false
    }

    /// The next packet of the server, and what it means.
    func next(_ transfer: inout TFTPTransfer) throws(TransferError) -> (TFTPTransfer.Event, [UInt8]) {
        while true {
            guard let (sender, packet) = try receive(until: transfer.deadline) else {
                do throws(TFTPError) {
                    guard try transfer.advance(to: SystemTime.now) else { continue }
                } catch { throw .transfer(error) }
                try send(transfer.packet)
                continue
            }
            guard accepts(sender) else { continue }
            do throws(TFTPError) {
                let (event, hasReply) = try transfer.receive(unsafe packet.span.bytes, now: SystemTime.now)
                self.hasReply = hasReply
                return (event, packet)
            } catch {
                if case .refused = error { throw .transfer(error) }
                let words = TFTPPacket.error(error == .badOption ? 8 : 4, "")
                try? send(words)
                throw .transfer(error)
            }
        }
    }

    /// Whether a packet from there belongs to this transfer; anybody else at the server is told that it does not.
    private func accepts(_ sender: Endpoint) -> Bool {
        guard sender.address == server else { return false }
        if remote == nil { remote = sender }
        if remote == sender { return true }
        let words = TFTPPacket.error(5, "unknown transfer")
        try? socket.send(unsafe words.span.bytes, to: sender)
        return false
    }

    private func receive(until deadline: Instant) throws(TransferError) -> (Endpoint, [UInt8])? {
        var bytes = [UInt8](repeating: 0, count: 2048)
        do throws(SocketError) {
            let (sender, length) = try Self.receive(socket, &bytes, deadline)
            return (sender, Array(bytes[..<min(length, bytes.count)]))
        } catch {
            if error == .timedOut { return nil }
            throw .network(error)
        }
    }

    private static func receive(
        _ socket: UDPSocket, _ bytes: inout [UInt8], _ deadline: Instant
    ) throws(SocketError) -> (sender: Endpoint, length: Int) {
        var span = bytes.mutableSpan
        // Every pattern of bits is a byte.
        var raw = unsafe span.mutableBytes
        return try socket.receive(into: &raw, until: deadline)
    }

    /// Tells the server that this side cannot go on.
    func giveUp() -> TransferError {
        let words = TFTPPacket.error(3, "the other end cannot go on")
        try? send(words)
        return .file
    }

    /// Answers a server that has not got the last acknowledgement, for as long as it would ask.
    func linger(_ last: TFTPTransfer) {
        var transfer = last
        let end = SystemTime.now + .seconds(2)
        while let (sender, packet) = try? receive(until: end) {
            guard accepts(sender) else { continue }
            guard let answer = try? transfer.receive(unsafe packet.span.bytes, now: SystemTime.now) else { return }
            if answer.hasReply { try? send(transfer.packet) }
        }
    }
}
