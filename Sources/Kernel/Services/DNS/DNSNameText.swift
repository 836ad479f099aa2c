/// Reads a name that people wrote, byte after byte (RFC 1035 section 5.1).
struct DNSNameText {
    private var encoded: [UInt8] = [0]
    /// Where the length of the label that is being read stands.
    private var start = 0
    /// How much of an escape was read: nil outside of one.
    private var escape: Int?
    private var number = 0
    private var isRoot = false
    /// Whether the text ended with a dot.
    private(set) var isAbsolute = false

    /// Takes the next byte; false when no name goes on so.
    mutating func take(_ byte: UInt8) -> Bool {
        guard !isRoot else { return false }
        if let digits = escape { return takeEscaped(byte, digits) }
        switch byte {
        case 0x5C: escape = 0
        case 0x2E:
            isAbsolute = true
            return endLabel()
        case 0x21...0x7E: return append(byte)
        default: return false
        }
        return true
    }

    /// The name, when it is one.
    mutating func finish() -> [UInt8]? {
        guard escape == nil else { return nil }
        if isRoot { return [0] }
        // After the last dot, or nothing at all was read.
        if encoded.count == start + 1 { return start == 0 ? nil : encoded }
        return endLabel() ? encoded : nil
    }

    private mutating func takeEscaped(_ byte: UInt8, _ digits: Int) -> Bool {
        let isDigit = byte >= 0x30 && byte <= 0x39
        if digits == 0, !isDigit {
            escape = nil
            return byte >= 0x21 && byte <= 0x7E && append(byte)
        }
        guard isDigit else { return false }
        number = (digits == 0 ? 0 : number * 10) + Int(byte - 0x30)
        escape = digits + 1
        guard digits == 2 else { return true }
        escape = nil
        return number <= 255 && append(UInt8(number))
    }

    private mutating func append(_ byte: UInt8) -> Bool {
        isAbsolute = false
        // A zero is to follow.
        guard encoded.count - start <= DNSName.maximumLabel, encoded.count + 1 < DNSName.maximumLength else {
            return false
        }
        encoded.append(byte)
        return true
    }

    private mutating func endLabel() -> Bool {
        let length = encoded.count - start - 1
        if length == 0 {
            isRoot = start == 0
            return isRoot
        }
        encoded[start] = UInt8(length)
        start = encoded.count
        encoded.append(0)
        return true
    }
}
