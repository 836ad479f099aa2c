import HTTP
import Interfaces
import Network
import Runtime
import Sockets
import TaskBench
import Testing
import Web

@Suite struct WebSocketConnectionTests {
    private static let handshake =
        "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

    /// A server that sends back every message, and a connection to it whose handshake is over.
    private func run(_ body: (TCPConnection) throws -> Void) throws {
        try ServerBench.run(prepare: { server in
            server.on(.get, "/ws") { (exchange) throws(HTTPError) in
                let socket = try exchange.upgradeToWebSocket(limit: 1000)
                while let message = try socket.receive() {
                    switch message {
                    case .text(let text): try socket.send(Text(text))
                    case .binary(let bytes): try socket.send(bytes)
                    }
                }
            }
        }) { bench in
            let connection = try bench.connect()
            try connection.send(Self.handshake)
            let answer = try connection.receive(through: "\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
            #expect(answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
            try body(connection)
        }
    }

    /// A frame from a client.
    private func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        let length: [UInt8] =
            payload.count < 126
            ? [0x80 | UInt8(payload.count)] : [0xFE, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        return [first] + length + mask + payload.enumerated().map { $1 ^ mask[$0 & 3] }
    }

    private func exchange(_ connection: TCPConnection, _ frames: [UInt8], _ count: Int) throws -> [UInt8] {
        try connection.write(frames.span.bytes)
        var bytes: [UInt8] = []
        while bytes.count < count, let piece = try connection.receiveBytes(limit: count - bytes.count) {
            bytes += piece
        }
        return bytes
    }

    @Test func `messages come back, whole or in parts, with a ping between`() throws {
        try run { connection in
            let hello = Array("hello".utf8)
            var answer = try exchange(connection, frame(0x81, hello), 7)
            #expect(answer == [0x81, 5] + hello)
            let parts = frame(0x01, [0x61]) + frame(0x89, [7]) + frame(0x00, [0x62]) + frame(0x80, [0x63])
            answer = try exchange(connection, parts, 3 + 5)
            #expect(answer == [0x8A, 1, 7, 0x81, 3, 0x61, 0x62, 0x63])
            let long = [UInt8](repeating: 9, count: 500)
            answer = try exchange(connection, frame(0x82, long), 504)
            #expect(answer == [0x82, 126, 1, 0xF4] + long)
            answer = try exchange(connection, frame(0x88, [3, 0xE8]), 4)
            #expect(answer == [0x88, 2, 3, 0xE8])
            let end = try connection.receive()
            #expect(end == nil)
        }
    }

    @Test(
        arguments: [
            ([0x81, 0x01, 0x61], 1002), ([0x80, 0x81, 0, 0, 0, 0, 0x61], 1002), ([0x81, 0x81, 0, 0, 0, 0, 0xFF], 1007),
            ([0x82, 0xFE, 0x03, 0xE9, 0, 0, 0, 0], 1009), ([0x88, 0x81, 0, 0, 0, 0, 0x03], 1002),
            ([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xED], 1002), ([0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0], 1002),
        ] as [([UInt8], UInt16)])
    func `what breaks the protocol is told so, and the connection ends`(_ bytes: [UInt8], _ code: UInt16) throws {
        try run { connection in
            let answer = try exchange(connection, bytes, 4)
            #expect(answer == [0x88, 2, UInt8(code >> 8), UInt8(code & 255)])
            // The end of the stream, and no reset that could overtake the Close frame.
            #expect(try connection.receive() == nil)
        }
    }

    @Test func `a request that asks for none is told what is needed`() throws {
        try ServerBench.run(prepare: { server in
            server.on(.get, "/ws") { (exchange) throws(HTTPError) in _ = try exchange.upgradeToWebSocket() }
        }) { bench in
            let answer = try bench.exchange("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 426 Upgrade Required\r\n"))
            #expect(answer.contains("Sec-WebSocket-Version: 13\r\n"))
        }
    }
}
