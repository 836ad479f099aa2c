import Interfaces

/// Turns the bytes of a terminal into keys.
///
/// Takes anything: a mark of lost input gives `LineEditor.loss`; bytes that are no UTF-8, unknown or broken escape sequences and unused
/// control characters give no key. What it remembers between two bytes has a fixed size.
public struct KeyDecoder: Sendable {
    private enum State {
        case ground
        /// ESC has come.
        case escape
        /// ESC [ has come, or ESC O (`isShort`: one more byte ends it).
        case sequence(isShort: Bool)
        /// The start of a character, with the bits so far, the number of bytes missing and the least value that needs as
        /// many.
        case character(bits: UInt32, missing: Int, least: UInt32)
    }

    private var state = State.ground
    /// The parameters of an escape sequence; the first ones, if there are too many.
    private var parameters: [4 of UInt8] = [0, 0, 0, 0]
    private var parameterCount = 0
    /// The last byte was CR: an LF now belongs to it.
    private var isAfterReturn = false

    /// A decoder between two keys.
    public init() {}

    /// Takes the next byte. Returns the key that it completes, if any.
    public mutating func take(_ byte: UInt8) -> Key? {
        let isSecondOfPair = isAfterReturn && byte == ASCII.lineFeed
        isAfterReturn = byte == ASCII.carriageReturn
        switch state {
        case .ground: return isSecondOfPair ? nil : takeFirst(byte)
        case .escape: return takeEscaped(byte)
        case .sequence(let isShort): return takeParameter(byte, isShort: isShort)
        case .character(let bits, let missing, let least):
            return takeContinuation(byte, bits: bits, missing: missing, least: least)
        }
    }

    private mutating func takeFirst(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x1b: state = .escape
        case LostInput.mark: return .text(LineEditor.loss)
        case 0x20...0x7e: return .text(Unicode.Scalar(byte))
        case 0xc2...0xdf: state = .character(bits: UInt32(byte & 0x1f), missing: 1, least: 0x80)
        case 0xe0...0xef: state = .character(bits: UInt32(byte & 0x0f), missing: 2, least: 0x800)
        case 0xf0...0xf4: state = .character(bits: UInt32(byte & 0x07), missing: 3, least: 0x1_0000)
        default: return KeyDecoder.control(byte)
        }
        return nil
    }

    private static func control(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x01: .home
        case 0x02: .left
        case 0x03: .interrupt
        case 0x04: .endOfInput
        case 0x05: .end
        case 0x06: .right
        case 0x08, 0x7f: .backspace
        case 0x09: .tab
        case ASCII.lineFeed, ASCII.carriageReturn: .enter
        case 0x0b: .killToEnd
        case 0x0c: .clearScreen
        case 0x0e: .down
        case 0x10: .up
        case 0x15: .killToStart
        case 0x17: .killWord
        default: nil
        }
    }

    // MARK: Escape sequences (ECMA-48, 5.4)

    private mutating func takeEscaped(_ byte: UInt8) -> Key? {
        state = .ground
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "O"):
            parameterCount = 0
            state = .sequence(isShort: byte == UInt8(ascii: "O"))
        case UInt8(ascii: "b"): return .wordLeft
        case UInt8(ascii: "f"): return .wordRight
        case 0x7f: return .killWord
        // A control character is not part of any sequence, and neither is a byte of UTF-8.
        case 0..<0x20, 0x80...: return takeFirst(byte)
        default: break
        }
        return nil
    }

    private mutating func takeParameter(_ byte: UInt8, isShort: Bool) -> Key? {
        switch byte {
        case 0x20...0x3f where !isShort:
            if parameterCount < parameters.count { parameters[parameterCount] = byte }
            parameterCount += 1
            return nil
        case 0x40...0x7e:
            state = .ground
            return final(byte)
        default:
            state = .ground
            return takeFirst(byte)
        }
    }

    private func final(_ byte: UInt8) -> Key? {
        // "1;5" and its like: with a modifier key, where the arrows move by words.
        let isModified = parameterCount == 3 && parameters[1] == UInt8(ascii: ";")
        if parameterCount > 0, byte != UInt8(ascii: "~"), !isModified { return nil }
        switch byte {
        case UInt8(ascii: "A"): return .up
        case UInt8(ascii: "B"): return .down
        case UInt8(ascii: "C"): return isModified ? .wordRight : .right
        case UInt8(ascii: "D"): return isModified ? .wordLeft : .left
        case UInt8(ascii: "H"): return .home
        case UInt8(ascii: "F"): return .end
        case UInt8(ascii: "~") where parameterCount == 1: return numbered(parameters[0])
        default: return nil
        }
    }

    private func numbered(_ digit: UInt8) -> Key? {
        switch digit {
        case UInt8(ascii: "1"), UInt8(ascii: "7"): .home
        case UInt8(ascii: "3"): .delete
        case UInt8(ascii: "4"), UInt8(ascii: "8"): .end
        default: nil
        }
    }

    // MARK: UTF-8

    private mutating func takeContinuation(_ byte: UInt8, bits: UInt32, missing: Int, least: UInt32) -> Key? {
        guard byte & 0xc0 == 0x80 else {
            state = .ground
            return takeFirst(byte)
        }
        let bits = bits << 6 | UInt32(byte & 0x3f)
        guard missing == 1 else {
            state = .character(bits: bits, missing: missing - 1, least: least)
            return nil
        }
        state = .ground
        // Below U+00A0 lie the control characters that some terminals obey.
        guard bits >= least, bits >= 0xa0, let scalar = Unicode.Scalar(bits) else { return nil }
        return .text(scalar)
    }
}
