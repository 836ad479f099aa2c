import Network

/// Where something is: an `http` URI (RFC 9110, section 4.2.1).
public struct HTTPAddress: Equatable, Sendable {
    /// The name or address of the host.
    public var host: [UInt8]
    /// Its port.
    public var port: Port
    /// The path and the query, from the first slash on.
    public var target: [UInt8]

    /// Reads `http://host[:port][/path][?query]`; what stands behind a number sign is left out. Nil for anything else: other schemes, users,
    /// blanks.
    public init?(_ text: [UInt8]) {
        let bytes = unsafe text.span.bytes
        guard text.count > 7, bytes.equalsIgnoringCase(0..<7, "http://") else { return nil }
        var end = 7
        while end < text.count, text[end] != 0x2F, text[end] != 0x3F, text[end] != 0x23 { end += 1 }
        var hostEnd = end
        var port: Port = 80
        if let colon = text[7..<end].lastIndex(of: 0x3A) {
            hostEnd = colon
            guard let number = bytes.decimal(colon + 1..<end), number > 0, number < 65536 else { return nil }
            port = Port(rawValue: UInt16(number))
        }
        guard hostEnd > 7, MessageFraming.isHost(bytes, 7..<hostEnd) else { return nil }
        let targetEnd = text[end...].firstIndex(of: 0x23) ?? text.count
        for index in end..<targetEnd where text[index] <= 0x20 || text[index] >= 0x7F { return nil }
        host = [UInt8](text[7..<hostEnd])
        self.port = port
        target = [UInt8](text[end..<targetEnd])
        if target.first != 0x2F { target.insert(0x2F, at: 0) }
    }

    /// The address that `reference`, of a Location field, means from here; nil for one that is none.
    public func resolving(_ reference: [UInt8]) -> HTTPAddress? {
        if reference.first == 0x2F {
            // Two slashes are another host.
            if reference.count > 1, reference[1] == 0x2F { return HTTPAddress(Array("http:".utf8) + reference) }
            var address = self
            let end = reference.firstIndex(of: 0x23) ?? reference.count
            for byte in reference[..<end] where byte <= 0x20 || byte >= 0x7F { return nil }
            address.target = [UInt8](reference[..<end])
            return address
        }
        return HTTPAddress(reference)
    }
}
