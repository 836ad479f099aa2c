/// The name of a host or a domain as a server gave it: letters, digits, hyphens and underscores, with dots between, no dot at the end.
///
/// Whatever else a server sends is refused here, so that a name can be printed and put in front of a dot without a thought.
public struct DomainName: Equatable, Sendable {
    /// The most bytes that a name has as text (RFC 1035 section 2.3.4: 255 as it is sent).
    public static let maximumLength = 253
    /// The name in ASCII.
    public let bytes: [UInt8]

    /// The name in `bytes`; a dot or zeros at the end are ignored. Nil when it is empty, or one of its letters or lengths is not allowed.
    public init?(_ bytes: some Collection<UInt8>) {
        var name = Array(bytes.prefix(Self.maximumLength + 3))
        while let last = name.last, last == 0 { name.removeLast() }
        if name.last == 0x2E { name.removeLast() }
        guard !name.isEmpty, name.count <= Self.maximumLength else { return nil }
        var label = 0
        for byte in name {
            if byte == 0x2E {
                guard label > 0 else { return nil }
                label = 0
            } else {
                guard Self.isAllowed(byte), label < 63 else { return nil }
                label += 1
            }
        }
        guard label > 0 else { return nil }
        self.bytes = name
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
    }

    /// The names of a search list (RFC 3397), the first `limit` of them. A name that makes no sense ends the list.
    static func searchList(_ bytes: [UInt8], limit: Int) -> [DomainName] {
        var (names, offset): ([DomainName], Int) = ([], 0)
        while offset < bytes.count, names.count < limit {
            guard let (text, next) = expand(bytes, from: offset), let name = DomainName(text) else { break }
            if !names.contains(name) { names.append(name) }
            offset = next
        }
        return names
    }

    /// The name at `offset` with dots between its labels, and where the next one begins. A pointer leads backwards only (RFC 1035 section
    /// 4.1.4), each before the last, which ends every loop.
    private static func expand(_ bytes: [UInt8], from offset: Int) -> (text: [UInt8], next: Int)? {
        var (text, position, limit): ([UInt8], Int, Int) = ([], offset, offset)
        var next: Int?
        while position < bytes.count {
            let length = Int(bytes[position])
            if length == 0 { return (text, next ?? position + 1) }
            if length & 0xC0 == 0xC0 {
                guard position + 1 < bytes.count else { return nil }
                if next == nil { next = position + 2 }
                position = (length & 0x3F) << 8 | Int(bytes[position + 1])
                guard position < limit else { return nil }
                limit = position
            } else {
                guard length < 64, position + 1 + length <= bytes.count else { return nil }
                if !text.isEmpty { text.append(0x2E) }
                text.append(contentsOf: bytes[position + 1..<position + 1 + length])
                guard text.count <= maximumLength else { return nil }
                position += 1 + length
            }
        }
        return nil
    }
}

// Strings are for the host: on the board their code would come with every image that asks for an address.
#if !hasFeature(Embedded)
    extension DomainName: CustomStringConvertible {
        /// The name that `text` writes; nil when it is none.
        public init?(_ text: String) { self.init(Array(text.utf8)) }

        /// The name.
        public var description: String { String(decoding: bytes, as: UTF8.self) }
    }
#endif
