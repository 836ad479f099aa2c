/// Reads one value of JSON (RFC 8259). Its work and memory are bounded by the length of the text and `JSON.maximumDepth`.
struct JSONReader {
    private let text: [UInt8]
    private var position = 0

    init(_ text: [UInt8]) { self.text = text }

    /// The value that is all of the text; nil when it is none.
    mutating func document() -> JSON? {
        guard let value = value(depth: 0) else { return nil }
        skipBlanks()
        // iperf3 ends some of its texts with a zero.
        while position < text.count, text[position] == 0 { position += 1 }
        return position == text.count ? value : nil
    }

    private mutating func value(depth: Int) -> JSON? {
        guard depth < JSON.maximumDepth else { return nil }
        skipBlanks()
        guard position < text.count else { return nil }
        switch text[position] {
        case 0x7B: return object(depth)
        case 0x5B: return array(depth)
        case 0x22: return string().map { .string($0) }
        case UInt8(ascii: "t"): return word("true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return word("false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return word("null") ? .null : nil
        default: return Decimal(text, at: &position).map { .number($0) }
        }
    }

    private mutating func object(_ depth: Int) -> JSON? {
        position += 1
        var members: [JSON.Member] = []
        if take(0x7D) { return .object([]) }
        while true {
            skipBlanks()
            guard position < text.count, text[position] == 0x22, let name = string(), take(0x3A),
                let value = value(depth: depth + 1)
            else { return nil }
            members.append(JSON.Member(name, value))
            if take(0x7D) { return .object(members) }
            guard take(0x2C) else { return nil }
        }
    }

    private mutating func array(_ depth: Int) -> JSON? {
        position += 1
        var elements: [JSON] = []
        if take(0x5D) { return .array([]) }
        while true {
            guard let value = value(depth: depth + 1) else { return nil }
            elements.append(value)
            if take(0x5D) { return .array(elements) }
            guard take(0x2C) else { return nil }
        }
    }

    private mutating func string() -> [UInt8]? {
        position += 1
        var bytes: [UInt8] = []
        while position < text.count {
            let byte = text[position]
            position += 1
            switch byte {
            case 0x22: return bytes
            case 0x5C: guard takeEscape(&bytes) else { return nil }
            case 0..<0x20: return nil
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private mutating func takeEscape(_ bytes: inout [UInt8]) -> Bool {
        guard position < text.count else { return false }
        let byte = text[position]
        position += 1
        switch byte {
        case 0x22, 0x5C, 0x2F: bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(8)
        case UInt8(ascii: "f"): bytes.append(12)
        case UInt8(ascii: "n"): bytes.append(10)
        case UInt8(ascii: "r"): bytes.append(13)
        case UInt8(ascii: "t"): bytes.append(9)
        case UInt8(ascii: "u"): return takeScalar(&bytes)
        default: return false
        }
        return true
    }

    /// A character by its number; half of a pair becomes the replacement character.
    private mutating func takeScalar(_ bytes: inout [UInt8]) -> Bool {
        guard let unit = fourDigits() else { return false }
        var value = unit
        if unit >> 10 == 0x36, position + 1 < text.count, text[position] == 0x5C, text[position + 1] == 0x75 {
            position += 2
            guard let low = fourDigits() else { return false }
            value = low >> 10 == 0x37 ? 0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF : 0xFFFD
        }
        let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
        for byte in UTF8.encode(scalar)! { bytes.append(byte) }
        return true
    }

    private mutating func fourDigits() -> UInt32? {
        guard position + 4 <= text.count else { return nil }
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = text[position]
            position += 1
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46, 0x61...0x66: value = value << 4 | UInt32((byte | 0x20) - 0x57)
            default: return nil
            }
        }
        return value
    }

    private mutating func word(_ word: StaticString) -> Bool {
        let bytes = word.octets
        guard text.count - position >= bytes.count, text[position..<position + bytes.count] == bytes[...] else {
            return false
        }
        position += bytes.count
        return true
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard position < text.count, text[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while position < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[position]) { position += 1 }
    }
}
