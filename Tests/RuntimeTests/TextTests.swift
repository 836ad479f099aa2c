import Testing

@testable import Runtime

private struct Collected: TextSink {
    var bytes: [UInt8] = []
    mutating func put(_ byte: UInt8) { bytes.append(byte) }
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

@Suite struct TextTests {
    @Test(arguments: [0, 1, 9, 10, 99, 100, 1_234_567, UInt64.max])
    func `numbers are written in decimal`(value: UInt64) {
        var sink = Collected()
        sink.putDecimal(value)
        #expect(sink.text == "\(value)")
    }

    @Test func `numbers are padded and written in hexadecimal`() {
        var sink = Collected()
        sink.putDecimal(42, width: 5)
        sink.putDecimal(7, width: 3, fill: 0x30)
        sink.putHexadecimal(0xdead_beef, digits: 8)
        sink.put(string: "é")
        #expect(sink.text == "   420070xdeadbeefé")
    }

    @Test func `the log ring forgets the oldest lines whole`() {
        var ring = LogRing(capacity: 16)
        for byte in "one\ntwo\nthree\nfour\n".utf8 { ring.put(byte) }
        var bytes: [UInt8] = []
        ring.forEach { bytes.append($0) }
        #expect(String(decoding: bytes, as: UTF8.self) == "two\nthree\nfour\n")
    }

    @Test func `a module's level decides what is kept of it`() {
        Log.setLevel(.error, of: "quiet")
        Log.setLevel(.trace, of: "loud")
        var evaluated = 0
        func message() -> String {
            evaluated += 1
            return "text"
        }
        Logger(label: "quiet").warning(message())
        #expect(evaluated == 0)
        Logger(label: "loud").trace(message())
        #expect(evaluated == 1)
    }
}
