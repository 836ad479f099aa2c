extension [UInt8] {
    /// Whether these bytes are UTF-8 (RFC 3629): no surrogates, nothing longer than needed, nothing above U+10FFFF.
    public var isUTF8: Bool {
        var index = 0
        while index < count {
            let byte = self[index]
            index += 1
            if byte < 0x80 { continue }
            let following = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3
            guard byte >= 0xC2, byte <= 0xF4, index + following <= count else { return false }
            // The second byte decides about what is too long, too high, or a surrogate.
            let second = self[index]
            let isAllowed: Bool =
                switch byte {
                case 0xE0: second >= 0xA0
                case 0xED: second < 0xA0
                case 0xF0: second >= 0x90
                case 0xF4: second < 0x90
                default: true
                }
            guard isAllowed else { return false }
            for offset in 0..<following where self[index + offset] & 0xC0 != 0x80 { return false }
            index += following
        }
        return true
    }
}
