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

    /// The address that `reference`, of a Location field, means from here (RFC 3986, section 5.2); nil for one that is none, or that is not
    /// for `http`.
    public func resolving(_ reference: [UInt8]) -> HTTPAddress? {
        let reference = [UInt8](reference.prefix { $0 != 0x23 })
        for byte in reference where byte <= 0x20 || byte >= 0x7F { return nil }
        var next = self
        if Self.hasScheme(reference) {
            guard let other = HTTPAddress(reference) else { return nil }
            next = other
        } else if reference.count > 1 && reference[0] == 0x2F && reference[1] == 0x2F {
            guard let other = HTTPAddress(Array("http:".utf8) + reference) else { return nil }
            next = other
        } else {
            next.target = merging(reference)
        }
        next.removeDotSegments()
        return next
    }

    /// Whether both are of one origin: scheme, host and port (RFC 9110, section 4.3.1). What was given for one is nothing for another.
    public func hasSameOrigin(as other: HTTPAddress) -> Bool {
        guard port == other.port, host.count == other.host.count else { return false }
        for index in host.indices where host[index].lowercased != other.host[index].lowercased { return false }
        return true
    }

    /// Whether `reference` begins with a scheme (RFC 3986, section 3.1).
    private static func hasScheme(_ reference: [UInt8]) -> Bool {
        guard let colon = reference.firstIndex(of: 0x3A), colon > 0, reference[0].isLetter else { return false }
        for byte in reference[..<colon] {
            let isMark = byte == 0x2B || byte == 0x2D || byte == 0x2E
            guard byte.isLetter || byte &- 0x30 < 10 || isMark else { return false }
        }
        return true
    }

    /// The target that a reference without scheme and host means, its dots still in it.
    private func merging(_ reference: [UInt8]) -> [UInt8] {
        if reference.first == 0x2F { return reference }
        let path = target.prefix { $0 != 0x3F }
        if reference.isEmpty { return target }
        if reference.first == 0x3F { return path + reference }
        let directory = path.lastIndex(of: 0x2F).map { path[...$0] } ?? ArraySlice()
        return directory + reference
    }

    /// Takes `.` and `..` out of the path (RFC 3986, section 5.2.4); what would climb above the root stays there.
    private mutating func removeDotSegments() {
        let path = target.prefix { $0 != 0x3F }
        let query = target[path.endIndex...]
        var segments: [ArraySlice<UInt8>] = []
        let parts = path.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            switch (part.count, part.allSatisfy { $0 == 0x2E }) {
            case (1, true): if isLast { segments.append(ArraySlice()) }
            case (2, true):
                _ = segments.popLast()
                if isLast { segments.append(ArraySlice()) }
            default: segments.append(part)
            }
        }
        var result: [UInt8] = []
        for segment in segments {
            result.append(0x2F)
            result += segment
        }
        if result.isEmpty { result.append(0x2F) }
        target = result + query
    }
}

extension UInt8 {
    fileprivate var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}
