import Interfaces
import Network

/// The query of a target, as forms write it: `name=value&...` (application/x-www-form-urlencoded).
public enum QueryParameters {
    /// The value of the first parameter `name` in `range`, decoded; nil when it is not there.
    public static func value(of name: StaticString, in bytes: RawSpan, _ range: Range<Int>) -> [UInt8]? {
        var start = range.lowerBound
        while start < range.upperBound {
            var end = start
            while end < range.upperBound, bytes.byte(end) != 0x26 { end += 1 }
            var equals = start
            while equals < end, bytes.byte(equals) != 0x3D { equals += 1 }
            if matches(decoded(bytes, start..<equals), name) {
                return decoded(bytes, min(equals + 1, end)..<end)
            }
            start = end + 1
        }
        return nil
    }

    private static func matches(_ text: [UInt8], _ name: StaticString) -> Bool {
        unsafe text.span.bytes.equals(0..<text.count, name)
    }

    /// A percent sign without two digits stands for itself.
    private static func decoded(_ bytes: RawSpan, _ range: Range<Int>) -> [UInt8] {
        var text: [UInt8] = []
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes.byte(index)
            index += 1
            if byte == 0x25, index + 1 < range.upperBound, let high = bytes.byte(index).hexadecimalDigit,
                let low = bytes.byte(index + 1).hexadecimalDigit
            {
                text.append(high << 4 | low)
                index += 2
            } else {
                text.append(byte == 0x2B ? 0x20 : byte)
            }
        }
        return text
    }
}
