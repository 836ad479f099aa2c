import IperfProtocol
import Testing

private func parse(_ text: String) -> JSON? { JSON(parsing: Array(text.utf8)) }
private func text(_ json: JSON) -> String { String(decoding: json.text, as: UTF8.self) }

@Suite struct ProtocolTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-0.5", "12.000001", "\"\"", "\"a\\\"b\\\\c\"", "[]", "[1,[2,{}]]", "{}",
        #"{"a":1,"b":{"c":[true,null,"x"]}}"#, "9223372036854775807",
    ]) func `what is read is written the same`(source: String) throws {
        let json = try #require(parse(source))
        #expect(text(json) == source)
    }

    @Test(arguments: [
        ("1e3", "1000"), ("1.5E+2", "150"), ("25e-3", "0.025"), ("-1", "-1"), ("1e-9", "0"), ("0.1234567", "0.123456"),
        ("1e400", "9223372036854775807"), ("-1e30", "-9223372036854775807"),
        ("18446744073709551616", "9223372036854775807"),
        (" [ 1 , 2 ] ", "[1,2]"), (#""\u0041\u00e4\ud83d\ude00\n""#, "\"Aä😀\\u000a\""),
    ]) func `every form of a number or text is one value`(source: String, written: String) throws {
        let json = try #require(parse(source))
        #expect(text(json) == written)
    }

    @Test(arguments: [
        "", "nul", "tru", "1.", ".5", "-", "01x", "1e", "\"", "\"\\x\"", "\"\\u12\"", "[", "[1", "[1,", "[1 2]",
        "{\"a\"}",
        "{\"a\":}", "{a:1}", "{\"a\":1,}", "1 2", "\"\n\"",
    ]) func `what is no JSON is refused`(source: String) {
        #expect(parse(source) == nil)
    }

    @Test func `depth has a bound`() {
        #expect(parse(String(repeating: "[", count: 15) + String(repeating: "]", count: 15)) != nil)
        #expect(parse(String(repeating: "[", count: 10_000)) == nil)
    }

    /// As iperf 3.12 sends it for `-P 2 -R -t 5 -O 1`.
    static let parameters = """
        {"tcp":true,"omit":1,"time":5,"num":0,"blockcount":0,"parallel":2,"reverse":true,"len":131072,\
        "pacing_timer":1000,"client_version":"3.12"}
        """

    @Test func `the parameters of iperf3 are understood`() throws {
        let json = try #require(parse(Self.parameters))
        let read = try IperfParameters(json)
        var expected = IperfParameters()
        expected.streamCount = 2
        expected.isReversed = true
        expected.seconds = 5
        expected.omittedSeconds = 1
        #expect(read == expected)
        #expect(read.byteLimit == nil && !read.isFromClient(0))
        #expect(try IperfParameters(expected.json) == expected)
    }

    @Test func `both directions take twice the connections, those from the client first`() throws {
        var parameters = IperfParameters()
        parameters.isBidirectional = true
        parameters.streamCount = 2
        #expect(parameters.connectionCount == 4)
        #expect((0..<4).map { parameters.isFromClient($0) } == [true, true, false, false])
    }

    @Test func `bytes and blocks bound a test`() throws {
        var parameters = IperfParameters()
        parameters.byteCount = 1000
        #expect(parameters.byteLimit == 1000)
        parameters.byteCount = 0
        parameters.blockCount = 3
        #expect(parameters.byteLimit == 3 * 131_072)
    }

    @Test(arguments: [
        (#"{"udp":true,"parallel":1,"len":1460}"#, IperfRefusal.notTCP), (#"{"parallel":1,"len":9}"#, .notTCP),
        (#"{"tcp":true,"parallel":0,"len":9}"#, .malformed), (#"{"tcp":true,"parallel":129,"len":9}"#, .malformed),
        (#"{"tcp":true,"parallel":1,"len":0}"#, .malformed), (#"{"tcp":true,"parallel":1}"#, .malformed),
        (#"{"tcp":true,"parallel":1,"len":9,"authtoken":"x"}"#, .authentication), ("[]", .malformed),
    ]) func `what is not done is refused`(source: String, refusal: IperfRefusal) throws {
        let json = try #require(parse(source))
        #expect(throws: refusal) { try IperfParameters(json) }
    }

    @Test func `streams are numbered as iperf3 does`() {
        #expect((0..<4).map { IperfParameters.identifier($0) } == [1, 3, 4, 5])
    }

    /// As iperf 3.12 sends it.
    static let results = """
        {"cpu_util_total":1.52,"cpu_util_user":0.5,"cpu_util_system":1.02,"sender_has_retransmits":1,\
        "congestion_used":"cubic","streams":[{"id":1,"bytes":1310720000,"retransmits":3,"jitter":0,"errors":0,\
        "omitted_errors":0,"packets":0,"omitted_packets":0,"start_time":0,"end_time":10.000123}]}
        """

    @Test func `the results of iperf3 are understood, and ours come back as they went`() throws {
        let json = try #require(parse(Self.results))
        let read = try #require(IperfResults(json))
        #expect(read.bytes == 1_310_720_000 && read.knowsRetransmits)
        #expect(read.streams[0].retransmits == 3 && read.streams[0].microseconds == 10_000_123)
        #expect(IperfResults(read.json) == read)
        #expect(IperfResults(.null) == nil)
    }

    @Test func `messages have their length in front`() {
        #expect(IperfMessage.bytes(.array([])) == [0, 0, 0, 2, 0x5B, 0x5D])
        #expect(IperfMessage.length([0, 0, 1, 2]) == 258)
        #expect(IperfMessage.length([0x7F, 0, 0, 0]) == nil)
    }

    @Test func `cookies are letters and a zero`() throws {
        var number: UInt64 = 0x1234_5678_9ABC_DEF0
        let cookie = IperfCookie {
            number = number &* 6_364_136_223_846_793_005 &+ 1
            return number
        }
        #expect(cookie.bytes.count == 37 && cookie.bytes.last == 0)
        #expect(cookie.bytes.dropLast().allSatisfy { (0x61...0x7A).contains($0) || (0x32...0x37).contains($0) })
        #expect(IperfCookie(cookie.bytes) == cookie)
        #expect(IperfCookie([1]) == nil)
    }
}
