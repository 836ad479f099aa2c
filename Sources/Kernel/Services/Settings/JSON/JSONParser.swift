import Interfaces

/// Reads JSON (RFC 8259) that a person may have written: strict about what it takes, and in what it says about the rest.
///
/// Bounded: texts of 16 KiB, eight levels of nesting. Two members of an object may not have the same name. A byte order mark
/// at the beginning is skipped, because some editors write one.
struct JSONParser {
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private var lineStart = 0

    static let maximumSize = 16 << 10
    private static let maximumDepth = 8

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            index = 3
            lineStart = 3
        }
    }

    /// The value that `bytes` is.
    static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONNode {
        var parser = JSONParser(bytes)
        guard bytes.count <= maximumSize else { throw parser.error("the file is longer than 16 KiB") }
        try parser.skipSpace()
        guard parser.index < bytes.count else { throw parser.error("the file is empty; {} is the least there can be") }
        let node = try parser.node(depth: 0)
        try parser.skipSpace()
        guard parser.index == bytes.count else { throw parser.error("something stands behind the end") }
        return node
    }

    // MARK: Bytes

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private var position: TextPosition { position(of: index) }

    private func position(of index: Int) -> TextPosition {
        // Bytes that continue a character of UTF-8 are no column of their own.
        var column = 1
        for byte in bytes[lineStart..<index] where byte & 0xC0 != 0x80 { column += 1 }
        return TextPosition(line: line, column: column)
    }

    private func error(_ reason: StaticString) -> JSONError { JSONError(position: position, reason: reason) }

    private mutating func skipSpace() throws(JSONError) {
        while let byte = next {
            switch byte {
            case 0x0A:
                line += 1
                lineStart = index + 1
            case 0x20, 0x09, 0x0D: break
            case 0x2F, 0x23: throw error("JSON has no comments")
            default: return
            }
            index += 1
        }
    }

    // MARK: Values

    private mutating func node(depth: Int) throws(JSONError) -> JSONNode {
        let start = position
        guard depth < Self.maximumDepth else { throw error("more than eight levels") }
        guard let byte = next else { throw error("a value is missing") }
        let value: JSONNode.Value
        switch byte {
        case 0x7B: value = .object(try object(depth))
        case 0x5B: value = .list(try list(depth))
        case 0x22: value = .text(try text())
        case 0x2D, 0x30...0x39: value = .number(try number())
        case 0x27: throw error("texts stand in double quotes")
        case 0x2C, 0x7D, 0x5D, 0x3A: throw error("a value is missing")
        default: value = try word()
        }
        return JSONNode(value: value, position: start)
    }

    private mutating func word() throws(JSONError) -> JSONNode.Value {
        let words: [(StaticString, JSONNode.Value)] = [
            ("true", .flag(true)), ("false", .flag(false)), ("null", .null),
        ]
        for (word, value) in words where bytes[index...].starts(with: word.bytes) {
            index += word.utf8CodeUnitCount
            return value
        }
        throw error("a value is a text in double quotes, a number, true, false, null, [...] or {...}")
    }

    private mutating func object(_ depth: Int) throws(JSONError) -> [JSONNode.Member] {
        var members: [JSONNode.Member] = []
        index += 1
        try skipSpace()
        if try end(0x7D) { return members }
        while true {
            guard next == 0x22 else {
                throw error(next == 0x7D ? "a comma before the closing brace" : "a name in double quotes is missing")
            }
            let start = position
            let name = try text()
            guard !members.contains(where: { $0.name == name }) else {
                throw JSONError(position: start, reason: "this name stands there twice")
            }
            try skipSpace()
            guard next == 0x3A else { throw error("a colon is missing behind the name") }
            index += 1
            try skipSpace()
            members.append(.init(name: name, position: start, node: try node(depth: depth + 1)))
            if try separator(0x7D, "a comma or a closing brace is missing") { return members }
        }
    }

    private mutating func list(_ depth: Int) throws(JSONError) -> [JSONNode] {
        var nodes: [JSONNode] = []
        index += 1
        try skipSpace()
        if try end(0x5D) { return nodes }
        while true {
            guard next != 0x5D else { throw error("a comma before the closing bracket") }
            nodes.append(try node(depth: depth + 1))
            if try separator(0x5D, "a comma or a closing bracket is missing") { return nodes }
        }
    }

    /// Takes `byte` if it comes next.
    private mutating func end(_ byte: UInt8) throws(JSONError) -> Bool {
        guard next == byte else { return false }
        index += 1
        return true
    }

    /// Takes what stands behind an element: true for the closing `byte`, false for a comma.
    private mutating func separator(_ byte: UInt8, _ reason: StaticString) throws(JSONError) -> Bool {
        try skipSpace()
        if try end(byte) { return true }
        guard try end(0x2C) else { throw error(reason) }
        try skipSpace()
        return false
    }

    private mutating func number() throws(JSONError) -> [UInt8] {
        let start = index
        if next == 0x2D { index += 1 }
        let integer = index
        guard digits() > 0 else { throw error("a digit is missing") }
        guard bytes[integer] != 0x30 || index == integer + 1 else { throw error("a number begins with no 0") }
        if next == 0x2E {
            index += 1
            guard digits() > 0 else { throw error("a digit is missing") }
        }
        if next == 0x65 || next == 0x45 {
            index += 1
            if next == 0x2B || next == 0x2D { index += 1 }
            guard digits() > 0 else { throw error("a digit is missing") }
        }
        return [UInt8](bytes[start..<index])
    }

    private mutating func digits() -> Int {
        let start = index
        while let byte = next, byte >= 0x30, byte <= 0x39 { index += 1 }
        return index - start
    }

    // MARK: Texts

    private mutating func text() throws(JSONError) -> [UInt8] {
        var text: [UInt8] = []
        let start = index
        index += 1
        while let byte = next {
            switch byte {
            case 0x22:
                index += 1
                return text
            case 0x5C: try escape(into: &text)
            case 0..<0x20: throw error("a text ends on the line it begins on")
            case 0..<0x80:
                text.append(byte)
                index += 1
            default: try character(into: &text)
            }
        }
        throw JSONError(position: position(of: start), reason: "the closing quote of this text is missing")
    }

    /// Takes one character of two to four bytes.
    private mutating func character(into text: inout [UInt8]) throws(JSONError) {
        let lead = bytes[index]
        let (length, least): (Int, UInt32) =
            switch lead {
            case 0xC2...0xDF: (2, 0x80)
            case 0xE0...0xEF: (3, 0x800)
            case 0xF0...0xF4: (4, 0x10000)
            default: (0, 0)
            }
        guard length > 0, index + length <= bytes.count else { throw error("the file is not UTF-8") }
        var scalar = UInt32(lead) & (0x7F >> UInt32(length))
        for offset in 1..<length {
            guard bytes[index + offset] & 0xC0 == 0x80 else { throw error("the file is not UTF-8") }
            scalar = scalar << 6 | UInt32(bytes[index + offset] & 0x3F)
        }
        guard scalar >= least, Unicode.Scalar(scalar) != nil else { throw error("the file is not UTF-8") }
        text.append(contentsOf: bytes[index..<index + length])
        index += length
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard index + 1 < bytes.count else { throw error("the text ends in the middle of an escape") }
        let kind = bytes[index + 1]
        let plain: UInt8? =
            switch kind {
            case 0x22, 0x5C, 0x2F: kind
            case 0x62: 0x08
            case 0x66: 0x0C
            case 0x6E: 0x0A
            case 0x72: 0x0D
            case 0x74: 0x09
            default: nil
            }
        if let plain {
            text.append(plain)
            index += 2
            return
        }
        guard kind == 0x75 else { throw error("there is no such escape; a backslash itself is written twice") }
        var scalar = try unit()
        if scalar & 0xFC00 == 0xD800, next == 0x5C {
            let low = try unit()
            guard low & 0xFC00 == 0xDC00 else { throw error("half a surrogate pair") }
            scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
        }
        guard let character = Unicode.Scalar(scalar) else { throw error("half a surrogate pair") }
        text.append(contentsOf: UTF8.encode(character)!)
    }

    /// The four digits of an escape \uXXXX, which the index stands at.
    private mutating func unit() throws(JSONError) -> UInt32 {
        guard index + 6 <= bytes.count, bytes[index + 1] == 0x75 else { throw error("\\u takes four digits") }
        var value: UInt32 = 0
        for byte in bytes[index + 2..<index + 6] {
            guard let digit = byte.hexadecimalDigit else { throw error("\\u takes four digits") }
            value = value << 4 | UInt32(digit)
        }
        index += 6
        return value
    }
}

extension StaticString {
    /// The bytes.
    var bytes: [UInt8] { withUTF8Buffer { unsafe [UInt8]($0) } }
}
