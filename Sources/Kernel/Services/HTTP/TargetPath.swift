import Interfaces
import Network

/// The path of a target, decoded: what routes and files are found by.
public enum TargetPath {
    /// Decodes percent-encodings in `range` (RFC 3986, section 2.1) into `text`, in place of what it holds.
    /// - Returns: false for a percent sign without two digits, for an encoded slash, NUL or other control character, for a backslash, and for
    ///   a segment `..`: what could name a place other than it seems to.
    public static func decode(_ bytes: RawSpan, _ range: Range<Int>, into text: inout [UInt8]) -> Bool {
        text.removeAll(keepingCapacity: true)
        text.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            var byte = bytes.byte(index)
            index += 1
            if byte == 0x25 {
                guard index + 1 < range.upperBound, let high = bytes.byte(index).hexadecimalDigit,
                    let low = bytes.byte(index + 1).hexadecimalDigit
                else { return false }
                byte = high << 4 | low
                index += 2
                if byte == 0x2F { return false }
            }
            if byte < 0x20 || byte == 0x7F || byte == 0x5C { return false }
            text.append(byte)
        }
        return !climbs(text)
    }

    /// Writes a decoded path for a Location field: percent-encoded but for what may stand in a path (RFC 3986, section 3.3), with one
    /// slash at its front, for two would name a host.
    public static func encode(_ path: [UInt8]) -> [UInt8] {
        var text: [UInt8] = [0x2F]
        for byte in path.drop(while: { $0 == 0x2F }) {
            if byte.isPathCharacter {
                text.append(byte)
            } else {
                text.append(0x25)
                text.append(hexadecimalDigit: byte >> 4)
                text.append(hexadecimalDigit: byte & 15)
            }
        }
        return text
    }

    private static func climbs(_ text: [UInt8]) -> Bool {
        var start = 0
        for index in 0...text.count where index == text.count || text[index] == 0x2F {
            if index - start == 2, text[start] == 0x2E, text[start + 1] == 0x2E { return true }
            start = index + 1
        }
        return false
    }
}
