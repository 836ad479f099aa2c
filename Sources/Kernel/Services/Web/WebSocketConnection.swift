import HTTP
import Interfaces
import Network
import Runtime
import Sockets
import WebSocket

/// A WebSocket (RFC 6455) that a request was turned into. One task uses it, the handler's.
public final class WebSocketConnection {
    /// A message, whole.
    public enum Message {
        case text([UInt8])
        case binary([UInt8])
    }

    private let connection: TCPConnection
    private let limit: Int
    private let stallTime: Interval
    /// Bytes of the frame under way, its head first.
    private var pending: [UInt8] = []
    /// The parts of a message so far, and what it is.
    private var parts: [UInt8] = []
    private var kind: WebSocketOpcode?
    private var isClosing = false

    init(_ connection: TCPConnection, limit: Int, stallTime: Interval) {
        self.connection = connection
        self.limit = limit
        self.stallTime = stallTime
    }

    /// Sends text.
    public func send(_ text: Text) throws(HTTPError) { try send(.text, text.bytes) }

    /// Sends bytes.
    public func send(_ bytes: [UInt8]) throws(HTTPError) { try send(.binary, bytes) }

    private func send(_ opcode: WebSocketOpcode, _ payload: [UInt8]) throws(HTTPError) {
        let head = WebSocketFrame.head(opcode, length: payload.count)
        do throws(SocketError) {
            try connection.write(
                unsafe head.span.bytes, unsafe payload.span.bytes, until: SystemTime.now + stallTime)
        } catch { throw .connection(error) }
    }

    /// Waits for a message; answers pings meanwhile.
    /// - Returns: nil when the client has closed, which was answered.
    /// - Throws: `.connection(.timedOut)` at `deadline`, and the connection is as it was; what else ends a connection. What breaks the
    ///   protocol is answered with a Close frame, and is `.connection(.closed)`.
    public func receive(until deadline: Instant = .never) throws(HTTPError) -> Message? {
        while true {
            do throws(WebSocketError) {
                while let (opcode, payload) = try takeFrame() {
                    switch opcode {
                    case .close:
                        try? close(Self.code(of: payload))
                        return nil
                    case .ping: try? send(.pong, payload)
                    case .pong: break
                    default: if let message = try join(opcode, payload) { return message }
                    }
                }
            } catch {
                try? close(error.rawValue)
                throw .connection(.closed)
            }
            guard try readMore(until: deadline) else { return nil }
        }
    }

    /// Says goodbye with `code`: 1000 for an end as planned.
    public func close(_ code: UInt16 = 1000) throws(HTTPError) {
        if isClosing { return }
        isClosing = true
        try send(.close, [UInt8(code >> 8), UInt8(code & 255)])
    }

    /// What to answer a Close frame with.
    private static func code(of payload: [UInt8]) -> UInt16 {
        if payload.isEmpty { return 1000 }
        guard payload.count >= 2 else { return WebSocketError.protocolError.rawValue }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard WebSocketFrame.isCloseCode(code) else { return WebSocketError.protocolError.rawValue }
        return [UInt8](payload.dropFirst(2)).isUTF8 ? code : WebSocketError.invalidText.rawValue
    }

    /// Takes a whole frame out of what has arrived; nil when more is needed.
    private func takeFrame() throws(WebSocketError) -> (WebSocketOpcode, [UInt8])? {
        let bytes = pending
        guard let (frame, head) = try WebSocketFrame.parse(unsafe bytes.span.bytes) else { return nil }
        if frame.opcode == .continuation ? kind == nil : !frame.opcode.isControl && kind != nil {
            throw .protocolError
        }
        guard frame.length <= UInt64(limit - parts.count) || frame.opcode.isControl else { throw .tooBig }
        let end = head + Int(frame.length)
        guard pending.count >= end else { return nil }
        var payload = [UInt8](pending[head..<end])
        if let mask = frame.mask { WebSocketFrame.unmask(&payload, from: 0, by: mask) }
        pending.removeFirst(end)
        if !frame.opcode.isControl {
            if frame.opcode != .continuation { kind = frame.opcode }
            isLast = frame.isFinal
        }
        return (frame.opcode, payload)
    }
    private var isLast = false

    private func join(_ opcode: WebSocketOpcode, _ payload: [UInt8]) throws(WebSocketError) -> Message? {
        parts += payload
        guard isLast else { return nil }
        let (message, kind) = (parts, kind)
        parts = []
        self.kind = nil
        if kind != .text { return .binary(message) }
        guard message.isUTF8 else { throw .invalidText }
        return .text(message)
    }

    /// Waits for more bytes. False at the end of the stream.
    private func readMore(until deadline: Instant) throws(HTTPError) -> Bool {
        var piece = [UInt8](repeating: 0, count: 1024)
        let count: Int
        do throws(SocketError) { count = try Self.read(connection, &piece, deadline) } catch {
            throw .connection(error)
        }
        pending += piece[0..<count]
        return count > 0
    }

    private static func read(
        _ connection: TCPConnection, _ piece: inout [UInt8], _ deadline: Instant
    ) throws(SocketError) -> Int {
        var span = piece.mutableSpan
        // Every pattern of bits is a byte.
        var bytes = unsafe span.mutableBytes
        return try connection.read(into: &bytes, until: deadline)
    }
}

extension HTTPExchange {
    /// Turns the exchange into a WebSocket, whose messages have `limit` bytes at most. The connection ends with the handler.
    /// - Throws: `.status(.upgradeRequired)` for a request that asks for none.
    public func upgradeToWebSocket(limit: Int = 64 << 10) throws(HTTPError) -> WebSocketConnection {
        let accept = withHead { head, bytes in WebSocketHandshake.accept(head, in: bytes) }
        guard let accept else {
            add("Upgrade", "websocket")
            add("Sec-WebSocket-Version", "13")
            throw .status(.upgradeRequired)
        }
        keepsAlive = false
        add("Upgrade", "websocket")
        add("Connection", "Upgrade")
        add("Sec-WebSocket-Accept", Text(accept))
        try begin(.switchingProtocols, type: nil, length: 0)
        return WebSocketConnection(connection, limit: limit, stallTime: server.limits.stallTime)
    }
}
