/// A value of JSON (RFC 8259), as much of it as iperf3's messages need.
public indirect enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Decimal)
    /// A text, in UTF-8.
    case string([UInt8])
    case array([JSON])
    /// Names and values, in their order.
    case object([Member])

    /// A name of an object and its value.
    public struct Member: Equatable, Sendable {
        /// The name, in UTF-8.
        public var name: [UInt8]
        /// The value.
        public var value: JSON

        /// `name` with `value`.
        public init(_ name: StaticString, _ value: JSON) {
            self.init(name.octets, value)
        }

        init(_ name: [UInt8], _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// How deep arrays and objects may lie in one another.
    static let maximumDepth = 16

    /// Reads `text`, which is one value; nil when it is not.
    public init?(parsing text: [UInt8]) {
        var reader = JSONReader(text)
        guard let value = reader.document() else { return nil }
        self = value
    }

    /// The value that `name` has in this object; nil when it is no object or has none.
    public subscript(name: StaticString) -> JSON? {
        guard case .object(let members) = self else { return nil }
        let name = name.octets
        for member in members where member.name == name { return member.value }
        return nil
    }

    /// The number; nil when it is something else.
    public var number: Decimal? { if case .number(let number) = self { number } else { nil } }

    /// Whether this is `true`, or a number other than 0.
    public var isTrue: Bool {
        switch self {
        case .bool(let value): value
        case .number(let number): number != Decimal(Int64(0))
        default: false
        }
    }

    /// The elements; none when it is no array.
    public var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }

    /// The text of the value, without blanks.
    public var text: [UInt8] {
        var text: [UInt8] = []
        append(to: &text)
        return text
    }

    private func append(to text: inout [UInt8]) {
        switch self {
        case .null: text += ("null" as StaticString).octets
        case .bool(let value): text += ((value ? "true" : "false") as StaticString).octets
        case .number(let number): number.append(to: &text)
        case .string(let string): Self.append(string, to: &text)
        case .array(let elements):
            text.append(0x5B)
            for (index, element) in elements.enumerated() {
                if index > 0 { text.append(0x2C) }
                element.append(to: &text)
            }
            text.append(0x5D)
        case .object(let members):
            text.append(0x7B)
            for (index, member) in members.enumerated() {
                if index > 0 { text.append(0x2C) }
                Self.append(member.name, to: &text)
                text.append(0x3A)
                member.value.append(to: &text)
            }
            text.append(0x7D)
        }
    }

    private static func append(_ string: [UInt8], to text: inout [UInt8]) {
        text.append(0x22)
        for byte in string {
            switch byte {
            case 0x22, 0x5C: text += [0x5C, byte]
            case 0..<0x20:
                let low = byte & 15
                text += ("\\u00" as StaticString).octets
                text += [0x30 + byte >> 4, low < 10 ? 0x30 + low : 0x57 + low]
            default: text.append(byte)
            }
        }
        text.append(0x22)
    }
}

extension StaticString {
    /// The bytes of the text.
    var octets: [UInt8] {
        unsafe Array(UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount))
    }
}
