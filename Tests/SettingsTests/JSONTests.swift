import Foundation
import Testing

@testable import Settings

@Suite struct JSONTests {
    /// The node as Foundation would give it.
    static func plain(_ node: JSONNode) -> NSObject {
        switch node.value {
        case .null: NSNull()
        case .flag(let flag): NSNumber(value: flag)
        case .number(let text): NSNumber(value: Double(String(decoding: text, as: UTF8.self))!)
        case .text(let text): NSString(string: String(decoding: text, as: UTF8.self))
        case .list(let nodes): NSArray(array: nodes.map(plain))
        case .object(let members):
            NSDictionary(
                dictionary: .init(
                    uniqueKeysWithValues: members.map { (String(decoding: $0.name, as: UTF8.self), plain($0.node)) }))
        }
    }

    @Test(
        arguments: [
            "{}", " [ ] ", "null", "true", "\"\"", "-0", "12.5e-3", "[1,2,[3,[4]]]", "{\"a\":{\"b\":[null,false]}}",
            "\"\\u00e9\\ud83d\\ude00\\n\\\\\\/\"", "\"Grüße ☃ 😀\"", "\u{FEFF}{\"bom\":1}", "{\r\n\t\"a\" : 1\r\n}\r\n",
        ]) func `what is JSON reads as it does elsewhere`(_ text: String) throws
    {
        let mine = Self.plain(try JSONParser.parse([UInt8](text.utf8)))
        let stripped = text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
        let theirs = try JSONSerialization.jsonObject(with: Data(stripped.utf8), options: .fragmentsAllowed)
        #expect(mine.isEqual(theirs))
    }

    @Test(
        arguments: [
            ("", 1, 1, "empty"), ("{", 1, 2, "name"), ("{\"a\"}", 1, 5, "colon"), ("{\"a\":}", 1, 6, "missing"),
            ("{\"a\":1,}", 1, 8, "comma before the closing brace"), ("[1,\n]", 2, 1, "comma before the closing"),
            ("{\"a\":1 \"b\":2}", 1, 8, "comma"), ("{'a':1}", 1, 2, "name in double quotes"),
            ("{\"a\":'x'}", 1, 6, "double quotes"), ("{\n  // no\n}", 2, 3, "comments"), ("# no", 1, 1, "comments"),
            ("{\"a\": yes}", 1, 7, "true, false"), ("{\"é\": 01}", 1, 9, "begins with no 0"), ("[1.]", 1, 4, "digit"),
            ("\"a\nb\"", 1, 3, "ends on the line"), ("\"abc", 1, 1, "closing quote"), ("\"\\x\"", 1, 2, "escape"),
            ("\"\\ud800\"", 1, 8, "surrogate"), ("\"\\u12g4\"", 1, 2, "four digits"), ("{} x", 1, 4, "behind the end"),
            ("{\"a\":1,\n \"a\":2}", 2, 2, "twice"), ("[[[[[[[[[]]]]]]]]]", 1, 9, "eight levels"),
        ] as [(String, Int, Int, String)])
    func `what is no JSON is named with its place`(_ text: String, _ line: Int, _ column: Int, _ reason: String) {
        let error = #expect(throws: JSONError.self) { _ = try JSONParser.parse([UInt8](text.utf8)) }
        #expect(error?.position == TextPosition(line: line, column: column), "\(text)")
        #expect(error?.reason.description.contains(reason) == true, "\(error?.reason.description ?? "")")
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x98],
    ])
    func `what is not UTF-8 is refused`(_ bytes: [UInt8]) {
        #expect(throws: JSONError.self) { _ = try JSONParser.parse(bytes) }
    }

    @Test func `a file that is too long is refused before it is read`() {
        let long = [UInt8](repeating: 0x20, count: 16 << 10)
        #expect(throws: JSONError.self) { _ = try JSONParser.parse(long + [0x7B, 0x7D]) }
    }
}
