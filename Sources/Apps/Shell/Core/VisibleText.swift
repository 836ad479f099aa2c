/// Text of unknown origin made harmless for a terminal.
///
/// Characters pass as they are, with newline and tab. A control character becomes `^X`, a byte that is no UTF-8 a dot, so that nothing
/// in a file or a name can move the cursor, change the terminal's state or make it answer.
public struct VisibleText: Sendable {
    /// Bytes of a character whose rest has not come.
    private var pending: [UInt8] = []
    private var missing = 0

    /// A filter at the start of a text.
    public init() {}

    /// The visible form of `text`, in one piece.
    public static func bytes(_ text: [UInt8]) -> [UInt8] {
        var filter = VisibleText()
        var result: [UInt8] = []
        for byte in text { filter.take(byte, into: &result) }
        filter.finish(into: &result)
        return result
    }

    /// The visible form of `name`, which is one line: newline and tab become `^J` and `^I`.
    public static func name(_ name: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for byte in bytes(name) {
            if byte < 0x20 { result += [0x5e, byte ^ 0x40] } else { result.append(byte) }
        }
        return result
    }

    /// The start of `name`, valid UTF-8, up to the first character that is shown as something else.
    public static func shownPrefix(of name: [UInt8]) -> [UInt8] {
        for index in name.indices {
            switch name[index] {
            case 0..<0x20, 0x7f: return Array(name[..<index])
            // U+0080 to U+009F.
            case 0x80...0x9f where index > 0 && name[index - 1] == 0xc2: return Array(name[..<(index - 1)])
            default: break
            }
        }
        return name
    }

    /// Takes the next byte and appends what can be shown to `output`.
    public mutating func take(_ byte: UInt8, into output: inout [UInt8]) {
        if missing > 0 {
            if byte & 0xc0 == 0x80 { return takeContinuation(byte, into: &output) }
            finish(into: &output)
        }
        switch byte {
        case ASCII.lineFeed, 0x09, 0x20...0x7e: output.append(byte)
        // The return of a file from elsewhere: the newline behind it says it all.
        case ASCII.carriageReturn: break
        case 0..<0x20, 0x7f: output += [0x5e, byte ^ 0x40]
        case 0xc2...0xdf: start(byte, missing: 1)
        case 0xe0...0xef: start(byte, missing: 2)
        case 0xf0...0xf4: start(byte, missing: 3)
        default: output.append(0x2e)
        }
    }

    /// The end of the text: what was begun and not finished becomes dots.
    public mutating func finish(into output: inout [UInt8]) {
        for _ in pending { output.append(0x2e) }
        pending = []
        missing = 0
    }

    private mutating func start(_ byte: UInt8, missing: Int) {
        pending = [byte]
        self.missing = missing
    }

    private mutating func takeContinuation(_ byte: UInt8, into output: inout [UInt8]) {
        pending.append(byte)
        missing -= 1
        guard missing == 0 else { return }
        var decoder = KeyDecoder()
        var key: Key?
        for byte in pending { key = decoder.take(byte) }
        guard case .text = key else { return finish(into: &output) }
        output += pending
        pending = []
    }
}
