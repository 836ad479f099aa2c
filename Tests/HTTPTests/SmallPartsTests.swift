import Interfaces
import Testing

@testable import HTTP

@Suite struct SmallPartsTests {
    @Test(
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (1_795_651_200, "Thu, 26 Nov 2026 00:00:00 GMT"),
        ] as [(UInt64, String)])
    func `dates are written and read`(_ seconds: UInt64, _ text: String) {
        var bytes: [UInt8] = []
        HTTPDate.append(CivilTime(secondsSince1970: seconds), to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
        let read = HTTPDate.parse(bytes.span.bytes, 0..<bytes.count)
        #expect(read == seconds)
    }

    @Test(
        arguments: [
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777), ("Sun Nov  6 08:49:37 1994", 784_111_777),
            ("Sun Nov 16 08:49:37 1994", 784_975_777), ("Sun, 06 Nov 1994 08:49:60 GMT", 784_111_799),
            ("Sun, 06 Nov 1994 08:49:37", nil), ("Sun, 31 Feb 1994 08:49:37 GMT", nil),
            ("Sun, 06 Nov 1994 24:49:37 GMT", nil), ("Sun, 06 Foo 1994 08:49:37 GMT", nil), ("", nil), ("0", nil),
            ("Sun, 06 Nov 1969 08:49:37 GMT", nil), ("Sun, 06 Nov 1994 08:49:37 UTC", nil),
        ] as [(String, UInt64?)])
    func `dates in all their forms`(_ text: String, _ seconds: UInt64?) {
        let found = withBytes(text) { HTTPDate.parse($0, 0..<$0.byteCount) }
        #expect(found == seconds)
    }

    @Test func `every day of four hundred years goes there and back`() {
        for day in UInt64(0)..<146_097 {
            #expect(CivilTime(secondsSince1970: day * 86400 + 3).secondsSince1970 == day * 86400 + 3)
        }
    }

    @Test(arguments: [
        ("bytes=0-9", ByteRange.part(first: 0, last: 9)), ("bytes=90-", .part(first: 90, last: 99)),
        ("bytes=-10", .part(first: 90, last: 99)), ("bytes=-1000", .part(first: 0, last: 99)),
        ("bytes=50-1000", .part(first: 50, last: 99)), ("BYTES=99-99", .part(first: 99, last: 99)),
        ("bytes=100-", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=9-0", .whole), ("bytes=a-b", .whole),
        ("bytes=0-1,5-6", .whole), ("lines=0-1", .whole), ("bytes=", .whole), ("bytes=-", .whole),
        ("bytes=99999999999999999999-", .whole),
    ])
    func `ranges of 100 bytes`(_ text: String, _ range: ByteRange) {
        let found = withBytes(text) { ByteRange($0, 0..<$0.byteCount, of: 100) }
        #expect(found == range)
    }

    @Test(arguments: [
        ("/a%20b", "/a b"), ("/%C3%A4", "/ä"), ("/a/./b", "/a/./b"), ("/a..b/...", "/a..b/..."), ("/%", nil),
        ("/%4", nil),
        ("/%4G", nil), ("/%2F", nil), ("/%00", nil), ("/..", nil), ("/../etc", nil), ("/a/%2e%2E/b", nil),
        ("/a%5C..", nil), ("/a%0d%0aX", nil),
    ])
    func `paths are decoded, and lead nowhere else`(_ text: String, _ path: String?) {
        var decoded: [UInt8] = []
        let isGood = withBytes(text) { TargetPath.decode($0, 0..<$0.byteCount, into: &decoded) }
        #expect((isGood ? String(decoding: decoded, as: UTF8.self) : nil) == path)
    }

    @Test(
        arguments: [
            ("/a#b/", "/a%23b/"), ("/50%/", "/50%25/"), ("//evil.example/", "/evil.example/"), ("///", "/"),
            ("/a b/ü/", "/a%20b/%C3%BC/"), ("/a?b/", "/a%3Fb/"), ("/a:b@c;d=e+f/", "/a:b@c;d=e+f/"), ("", "/"),
        ])
    func `a path is written so that it is read as it was meant`(_ path: String, _ text: String) {
        #expect(String(decoding: TargetPath.encode(Array(path.utf8)), as: UTF8.self) == text)
    }

    @Test(arguments: [
        ("a=1&b=2", "2"), ("b", ""), ("b=&a", ""), ("%62=x+y%2B", "x y+"), ("a=1", nil), ("", nil), ("&&b=%zz", "%zz"),
    ])
    func `parameters of a query`(_ text: String, _ value: String?) {
        let found = withBytes(text) { QueryParameters.value(of: "b", in: $0, 0..<$0.byteCount) }
        #expect(found.map { String(decoding: $0, as: UTF8.self) } == value)
    }

    @Test(arguments: [
        ("a/index.HTML", "text/html; charset=utf-8"), ("x.js", "text/javascript; charset=utf-8"),
        ("x.tar.png", "image/png"), ("README", "application/octet-stream"), (".", "application/octet-stream"),
        ("a.b/c", "application/octet-stream"),
    ])
    func `types by the end of the name`(_ name: String, _ type: String) {
        let found = withBytes(name) { MediaType.ofFile($0).description }
        #expect(found == type)
    }

    @Test(arguments: [
        ("GET", "If-None-Match: \"a\"", Validators.Outcome.notModified),
        ("GET", "If-None-Match: W/\"a\", \"b\"", .notModified), ("GET", "If-None-Match: *", .notModified),
        ("GET", "If-None-Match: \"b\"", .proceed(usesRange: true)),
        ("PUT", "If-None-Match: *", .preconditionFailed), ("GET", "If-Match: \"b\"", .preconditionFailed),
        ("GET", "If-Match: W/\"a\"", .preconditionFailed), ("GET", "If-Match: \"b\", \"a\"", .proceed(usesRange: true)),
        ("GET", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", .notModified),
        ("GET", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT", .proceed(usesRange: true)),
        ("GET", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT", .preconditionFailed),
        ("GET", "If-None-Match: \"b\"\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", .proceed(usesRange: true)),
        ("GET", "If-Range: \"a\"", .proceed(usesRange: true)), ("GET", "If-Range: \"b\"", .proceed(usesRange: false)),
        ("GET", "If-Range: Sun, 06 Nov 1994 08:49:37 GMT", .proceed(usesRange: true)),
        ("GET", "If-Range: Sun, 06 Nov 1994 08:49:38 GMT", .proceed(usesRange: false)),
        ("HEAD", "X: y", .proceed(usesRange: false)),
    ])
    func `conditions in their order`(_ method: String, _ fields: String, _ outcome: Validators.Outcome) throws {
        let text = "\(method) / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n"
        let head = try request(text)
        let validators = Validators(entityTag: Array("a".utf8), lastModified: 784_111_777)
        let found = withBytes(text) { validators.evaluate(head, in: $0) }
        #expect(found == outcome)
    }

    @Test func `the head of a response says what follows`() throws {
        func head(_ text: String, _ method: HTTPMethod = .get) throws -> ResponseHead {
            try withBytes(text) { (bytes) throws(HTTPSyntaxError) in try ResponseHead(parsing: bytes, to: method) }
        }
        #expect(try head("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").content == .length(5))
        #expect(try head("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", .head).content == .none)
        #expect(try head("HTTP/1.1 304 \r\nContent-Length: 5\r\n\r\n").content == .none)
        #expect(try head("HTTP/1.0 404 Not Found\r\n\r\n").content == .untilEnd)
        #expect(try head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").content == .chunked)
        #expect(throws: HTTPSyntaxError.self) { _ = try head("HTTP/1.1 20 OK\r\nX: y\r\n\r\n") }
        #expect(throws: HTTPSyntaxError.unknownVersion) { _ = try head("HTTP/2.0 200 OK\r\nX: y\r\n\r\n") }
    }

    @Test func `eight bytes at a time find what one at a time would`() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<20 {
                var text = Array("Content-Languages-ZAaz--".utf8)
                text[place] = byte
                // Also behind a byte that carries over.
                for second in [UInt8(0x61), 0xFF, 0x80] where place + 1 < text.count {
                    text[place + 1] = second
                    let expected = text.firstIndex {
                        !($0 >= 0x41 && $0 <= 0x5A) && !($0 >= 0x61 && $0 <= 0x7A) && $0 != 0x2D
                    }
                    let found = text.span.bytes.letters(from: 0)
                    #expect(found == expected ?? text.count, "\(byte) at \(place), \(second)")
                }
            }
            let isHost =
                Array("-._~:[]!$&'()*+,;=%".utf8).contains(byte) || Character(UnicodeScalar(byte)).isASCIIAlphanumeric
            #expect(byte.isHostCharacter == isHost, "\(byte)")
        }
    }
}

/// Names, for those who want them constant.
private enum StaticName {
    static let all: [String: StaticString] = [
        "host": "host", "content-length": "content-length", "transfer-encoding": "transfer-encoding",
        "100-continue": "100-continue", "http://": "http://", "expect": "expect",
    ]
}

extension Character {
    fileprivate var isASCIIAlphanumeric: Bool { isASCII && (isLetter || isNumber) }
}
