import HTTP
import Interfaces
import Testing

@testable import WebSocket

@Suite struct WebSocketTests {
    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        ),
        (String(repeating: "a", count: 1000), "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
    ])
    func `digests as RFC 3174 and others have them`(_ text: String, _ digest: String) {
        #expect(hex(SHA1.digest(of: Array(text.utf8))) == digest)
    }

    private func accept(_ fields: String, method: String = "GET") throws -> String? {
        let bytes = Array("\(method) /chat HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8)
        let head = try RequestHead(parsing: bytes.span.bytes)
        return WebSocketHandshake.accept(head, in: bytes.span.bytes).map { String(decoding: $0, as: UTF8.self) }
    }

    private static let upgrade = "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    private static let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

    @Test func `the handshake of RFC 6455`() throws {
        let good = Self.upgrade + Self.key + "Sec-WebSocket-Version: 13\r\n"
        #expect(try accept(good) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(try accept(good, method: "POST") == nil)
        #expect(try accept(Self.key + "Sec-WebSocket-Version: 13\r\n") == nil)
        #expect(try accept(Self.upgrade + Self.key + "Sec-WebSocket-Version: 8\r\n") == nil)
        #expect(try accept(Self.upgrade + "Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n") == nil)
    }

    @Test(
        arguments: [
            ([0x81, 0x85, 1, 2, 3, 4], WebSocketOpcode.text, 5, 6),
            ([0x82, 0xFE, 0x01, 0x00, 1, 2, 3, 4], .binary, 256, 8),
            ([0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4], .binary, 65536, 14),
            ([0x89, 0x80, 0, 0, 0, 0], .ping, 0, 6),
        ] as [([UInt8], WebSocketOpcode, UInt64, Int)])
    func `heads of frames, whole and cut`(_ bytes: [UInt8], _ opcode: WebSocketOpcode, _ size: UInt64, _ length: Int)
        throws
    {
        let (frame, count) = try #require(try WebSocketFrame.parse(bytes.span.bytes))
        #expect(frame.opcode == opcode && frame.length == size && count == length)
        for cut in 0..<bytes.count {
            let part = Array(bytes[..<cut])
            let isIncomplete = try WebSocketFrame.parse(part.span.bytes) == nil
            #expect(isIncomplete)
        }
    }

    @Test(
        arguments: [
            [0x81, 0x05, 0, 0, 0, 0], [0xC1, 0x85, 0, 0, 0, 0], [0x83, 0x85, 0, 0, 0, 0], [0x09, 0x80, 0, 0, 0, 0],
            [0x89, 0xFE, 0, 126, 0, 0, 0, 0], [0x81, 0xFE, 0, 125, 0, 0, 0, 0],
            [0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0],
        ] as [[UInt8]])
    func `unmasked, reserved, unknown, fragmented control, and longer than needed are refused`(_ bytes: [UInt8]) {
        #expect(throws: WebSocketError.protocolError) { _ = try WebSocketFrame.parse(bytes.span.bytes) }
    }

    @Test func `heads that a server sends`() {
        #expect(WebSocketFrame.head(.text, length: 5) == [0x81, 5])
        #expect(WebSocketFrame.head(.binary, length: 126) == [0x82, 126, 0, 126])
        #expect(WebSocketFrame.head(.binary, length: 65536) == [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0])
    }

    @Test func `UTF-8 is judged as the standard library does`() {
        var state: UInt64 = 7
        for _ in 0..<200_000 {
            var text: [UInt8] = []
            for _ in 0..<Int(state >> 60) % 5 + 1 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                // Few plain letters, so that sequences come about.
                let byte = UInt8(truncatingIfNeeded: state >> 40)
                text.append(byte < 0x70 ? byte | 0x80 : byte)
            }
            #expect(text.isUTF8 == (String(validating: text, as: UTF8.self) != nil))
        }
    }
}
