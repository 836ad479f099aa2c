import Testing

@testable import HTTP

/// RFC 9112, section 7.1.
@Suite struct ChunkedDecoderTests {
    /// The content of `text`, handed over `piece` bytes at a time; nil while the end has not come. `rest` is what follows.
    private func decode(_ text: String, piece: Int = .max) throws -> (content: String, rest: Int)? {
        let bytes = Array(text.utf8)
        var decoder = ChunkedDecoder()
        var content: [UInt8] = []
        var index = 0
        while index < bytes.count, !decoder.isAtEnd {
            let end = min(bytes.count, index + min(piece, bytes.count))
            let part = Array(bytes[index..<end])
            let (used, range) = try decoder.next(part.span.bytes, limit: .max)
            content += part[range]
            index += used
        }
        return decoder.isAtEnd ? (String(decoding: content, as: UTF8.self), bytes.count - index) : nil
    }

    @Test(arguments: [1, 2, 3, 7, .max])
    func `chunks are one content, wherever they are cut`(_ piece: Int) throws {
        let text = "5\r\nhello\r\n00A;name=\"value\"\r\n, here I am\r\n1 \r\n!\r\n0\r\nX-Trailer: yes\r\n\r\nGET"
        let result = try #require(try decode(text.replacing("00A", with: "00B"), piece: piece))
        #expect(result.content == "hello, here I am!")
        #expect(result.rest == 3)
    }

    @Test(arguments: [
        ("\r\nhello", HTTPSyntaxError.malformed(.chunkSize)), ("g\r\n", .malformed(.chunkSize)),
        ("-1\r\n", .malformed(.chunkSize)), ("0x5\r\n", .malformed(.chunkSize)), ("5\nhello", .malformed(.chunkSize)),
        ("5\rhello", .malformed(.chunkSize)), ("5;a\nb\r\n", .malformed(.chunkSize)),
        ("11111111111111111\r\n", .malformed(.chunkSize)), ("00000000000000005\r\n", .malformed(.chunkSize)),
        ("5\r\nhello!", .malformed(.chunkEnd)), ("5\r\nhello\n0\r\n\r\n", .malformed(.chunkEnd)),
        ("0\r\nX\r\n\r\n", .malformed(.trailer)), ("0\r\n X: a\r\n\r\n", .malformed(.trailer)),
        ("0\r\nX: \u{0}\r\n\r\n", .malformed(.trailer)), ("0\r\nX: a\r\r\n\r\n", .malformed(.trailer)),
        ("0\r\nX:" + String(repeating: "a", count: 5000), .malformed(.trailer)),
        ("5;" + String(repeating: "a", count: 5000), .malformed(.chunkSize)),
        ("3 xyz\r\nabc", .malformed(.chunkSize)), ("3 4\r\nabc", .malformed(.chunkSize)),
    ])
    func `what is refused`(_ text: String, _ error: HTTPSyntaxError) {
        #expect(throws: error) { _ = try decode(text) }
        #expect(throws: error) { _ = try decode(text, piece: 1) }
    }

    @Test func `extensions have a bound in all, not only in each chunk`() {
        let chunk = "1;" + String(repeating: "a", count: 1000) + "\r\nx\r\n"
        #expect(throws: HTTPSyntaxError.malformed(.chunkSize)) {
            _ = try decode(String(repeating: chunk, count: 5) + "0\r\n\r\n")
        }
    }

    @Test func `what signs each chunk is not too much`() throws {
        let signature = ";chunk-signature=" + String(repeating: "0", count: 64)
        let chunk = "40" + signature + "\r\n" + String(repeating: "x", count: 64) + "\r\n"
        let result = try decode(String(repeating: chunk, count: 1000) + "0\r\n\r\n")
        #expect(result?.content.utf8.count == 64_000)
    }

    @Test func `content comes in pieces no longer than the limit`() throws {
        let bytes = Array("a\r\n0123456789\r\n0\r\n\r\n".utf8)
        var decoder = ChunkedDecoder()
        let (used, range) = try decoder.next(bytes.span.bytes, limit: 4)
        #expect(range.count == 4 && used == 7)
    }
}
