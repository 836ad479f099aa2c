import Network

/// A name of the domain name system (RFC 1035 section 3.1): labels of 1 to 63 bytes, 255 bytes as it is sent.
///
/// Letters keep their case and compare without it (RFC 4343).
public struct DNSName: Hashable, Sendable {
    /// The most bytes of a name as it is sent.
    public static let maximumLength = 255
    /// The most bytes of a label.
    static let maximumLabel = 63
    /// The name of no labels.
    public static let root = DNSName(encoded: [0])

    /// Each label with its length in front, and a zero.
    public let encoded: [UInt8]

    /// The name of those bytes, which the caller has checked.
    package init(encoded: [UInt8]) { self.encoded = encoded }

    /// The name that `text` writes: labels with dots between, and a dot at the end or not; a backslash makes the next letter, or a number of
    /// three digits, part of a label (section 5.1). Nil when a label or the name has a length that it cannot have, or something else than
    /// ASCII stands in it.
    public init?(_ text: some StringProtocol) {
        var reader = DNSNameText()
        for byte in text.utf8 where !reader.take(byte) { return nil }
        guard let encoded = reader.finish() else { return nil }
        self.encoded = encoded
    }

    /// The name at `offset` of a message, which moves past it. A pointer leads backwards only (section 4.1.4), each to before the labels
    /// that led to it, which ends every loop.
    package init(parsing message: RawSpan, at offset: inout Int) throws(DNSMessageError) {
        var (encoded, position, limit): ([UInt8], Int, Int) = ([], offset, offset)
        var next: Int?
        while true {
            guard position < message.byteCount else { throw .truncated }
            let length = Int(message.byte(position))
            if length & 0xC0 == 0xC0 {
                guard position + 1 < message.byteCount else { throw .truncated }
                if next == nil { next = position + 2 }
                position = Int(message.word16(position) & 0x3FFF)
                guard position < limit else { throw .badName }
                limit = position
                continue
            }
            guard length <= Self.maximumLabel, encoded.count + 1 + length <= Self.maximumLength else { throw .badName }
            guard position + 1 + length <= message.byteCount else { throw .truncated }
            for index in position...position + length { encoded.append(message.byte(index)) }
            position += 1 + length
            if length == 0 { break }
        }
        offset = next ?? position
        self.encoded = encoded
    }

    /// The name that says which names `address` has: its numbers backwards (RFC 1035 section 3.5).
    public init(reverse address: IPv4Address) {
        var encoded: [UInt8] = []
        for index in 0..<4 {
            let digits = Array(String(address[3 - index]).utf8)
            encoded.append(UInt8(digits.count))
            encoded += digits
        }
        encoded += [7] + Array("in-addr".utf8) + [4] + Array("arpa".utf8) + [0]
        self.encoded = encoded
    }

    /// How many labels the name has.
    public var labelCount: Int {
        var (count, offset) = (0, 0)
        while encoded[offset] != 0 {
            offset += 1 + Int(encoded[offset])
            count += 1
        }
        return count
    }

    /// The bytes of the last label; none of the root.
    var lastLabel: ArraySlice<UInt8> {
        var (label, offset) = (0..<0, 0)
        while encoded[offset] != 0 {
            label = offset + 1..<offset + 1 + Int(encoded[offset])
            offset = label.upperBound
        }
        return encoded[label]
    }

    /// This name with the labels of `domain` after its own; nil when that is too long.
    public func appending(_ domain: DNSName) -> DNSName? {
        guard encoded.count - 1 + domain.encoded.count <= Self.maximumLength else { return nil }
        return DNSName(encoded: encoded.dropLast() + domain.encoded)
    }

    /// The same name with letters large where a bit of `bits` is set: what an answer has to repeat to be believed (the "0x20" way).
    func mixed(_ bits: (low: UInt64, high: UInt64)) -> DNSName {
        var (bytes, bits) = (encoded, bits)
        for index in bytes.indices {
            // Lengths are below the letters, so that they stay.
            let folded = Self.folded(bytes[index])
            guard folded >= 0x61, folded <= 0x7A else { continue }
            bytes[index] = bits.low & 1 != 0 ? folded & 0xDF : folded
            bits = (bits.low >> 1 | bits.high << 63, bits.high >> 1 | bits.low << 63)
        }
        return DNSName(encoded: bytes)
    }

    /// Whether both names are the same to the last bit.
    func isIdentical(_ other: DNSName) -> Bool { encoded == other.encoded }

    /// A capital letter of ASCII as its small one; everything else as it is.
    static func folded(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

    /// Whether the names are the same but for the case of their letters.
    public static func == (left: DNSName, right: DNSName) -> Bool {
        guard left.encoded.count == right.encoded.count else { return false }
        for index in left.encoded.indices where folded(left.encoded[index]) != folded(right.encoded[index]) {
            return false
        }
        return true
    }

    /// Hashes the name without the case of its letters.
    public func hash(into hasher: inout Hasher) {
        for byte in encoded { hasher.combine(Self.folded(byte)) }
    }
}

extension DNSName: CustomStringConvertible {
    /// The labels with dots between, none at the end; a dot for the root. What is no printing ASCII is written as RFC 1035 section 5.1 says.
    public var description: String {
        guard encoded.count > 1 else { return "." }
        var (text, offset): ([UInt8], Int) = ([], 0)
        while encoded[offset] != 0 {
            let end = offset + 1 + Int(encoded[offset])
            if offset > 0 { text.append(0x2E) }
            for byte in encoded[offset + 1..<end] {
                switch byte {
                case 0x2E, 0x5C: text += [0x5C, byte]
                case 0x21...0x7E: text.append(byte)
                default: text += [0x5C, 0x30 + byte / 100, 0x30 + byte / 10 % 10, 0x30 + byte % 10]
                }
            }
            offset = end
        }
        return String(decoding: text, as: UTF8.self)
    }
}
