import Network

/// The options of a DHCP message (RFC 2132), wherever in the message they stood.
///
/// Holds no more bytes than the message had. An option that stands more than once is one long option (RFC 3396).
public struct DHCPOptions: Equatable, Sendable {
    /// Code, length and value of each part, in the order of the message; no padding and no end.
    public private(set) var encoded: [UInt8] = []

    /// No options.
    public init() {}

    /// Adds an option of any length, in parts of 255 bytes where it needs several (RFC 3396 section 5).
    public mutating func append(_ code: DHCPOptionCode, _ value: [UInt8]) {
        var start = 0
        repeat {
            let count = min(value.count - start, 255)
            encoded.append(code.rawValue)
            encoded.append(UInt8(count))
            encoded.append(contentsOf: value[start..<start + count])
            start += count
        } while start < value.count
    }

    /// Adds an option that is an address.
    public mutating func append(_ code: DHCPOptionCode, _ address: IPv4Address) {
        append(code, [address[0], address[1], address[2], address[3]])
    }

    /// Reads the options of one field of the message, up to their end or the field's.
    mutating func gather(_ field: RawSpan) throws(DHCPMessageError) {
        var offset = 0
        while offset < field.byteCount {
            let code = field.byte(offset)
            if code == DHCPOptionCode.end.rawValue { return }
            guard code != DHCPOptionCode.pad.rawValue else {
                offset += 1
                continue
            }
            guard field.byteCount - offset >= 2 else { throw .truncated }
            let end = offset + 2 + Int(field.byte(offset + 1))
            guard end <= field.byteCount else { throw .truncated }
            for index in offset..<end { encoded.append(field.byte(index)) }
            offset = end
        }
    }

    /// The value of an option, all of its parts in order; nil when it is not there.
    public subscript(code: DHCPOptionCode) -> [UInt8]? {
        var (value, offset): ([UInt8]?, Int) = (nil, 0)
        while offset < encoded.count {
            let end = offset + 2 + Int(encoded[offset + 1])
            if encoded[offset] == code.rawValue { value = (value ?? []) + encoded[offset + 2..<end] }
            offset = end
        }
        return value
    }

    /// The value of an option of `count` bytes, two or four. One that a server sent several times is put together to something longer (RFC 3396): it is
    /// the same value, if all of them are, and else none.
    private func value(_ code: DHCPOptionCode, count: Int) -> [UInt8]? {
        guard let value = self[code], !value.isEmpty, value.count % count == 0 else { return nil }
        for index in count..<max(value.count, count) where value[index] != value[index - count] { return nil }
        return Array(value[..<count])
    }

    /// The value of an option of one byte; nil when it is not there or has another length.
    public func byte(_ code: DHCPOptionCode) -> UInt8? {
        guard let value = self[code], value.count == 1 else { return nil }
        return value[0]
    }

    /// The value of an option of two bytes; nil when it is not there or has another length.
    public func word16(_ code: DHCPOptionCode) -> UInt16? {
        guard let value = value(code, count: 2) else { return nil }
        return UInt16(value[0]) << 8 | UInt16(value[1])
    }

    /// The value of an option of four bytes; nil when it is not there or has another length.
    public func word32(_ code: DHCPOptionCode) -> UInt32? {
        guard let value = value(code, count: 4) else { return nil }
        return IPv4Address(value, at: 0).bits
    }

    /// The value of an option that is one address; nil when it is not there or has another length.
    public func address(_ code: DHCPOptionCode) -> IPv4Address? {
        guard let bits = word32(code) else { return nil }
        return IPv4Address(bits: bits)
    }

    /// The first `limit` addresses of an option that are those of a host, each once.
    public func addresses(_ code: DHCPOptionCode, limit: Int) -> [IPv4Address] {
        var addresses: [IPv4Address] = []
        guard let value = self[code], value.count & 3 == 0 else { return [] }
        for offset in stride(from: 0, to: value.count, by: 4) where addresses.count < limit {
            let address = IPv4Address(value, at: offset)
            if address.isUnicast, !addresses.contains(address) { addresses.append(address) }
        }
        return addresses
    }
}

extension IPv4Address {
    /// The address that stands at `offset`.
    init(_ bytes: [UInt8], at offset: Int) {
        self.init(bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3])
    }
}
