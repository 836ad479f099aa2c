import Network

/// The fields of a head that was found well-formed (RFC 9112, section 5), read where they lie.
public struct FieldLines: Sendable {
    /// Where they lie, the last line end included.
    let range: Range<Int>

    /// Calls `body` with the name and the value of each, until it returns false.
    func forEach(in bytes: RawSpan, _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Bool) {
        var start = range.lowerBound
        while start < range.upperBound {
            var colon = start
            while colon < range.upperBound, bytes.byte(colon) != 0x3A { colon += 1 }
            var end = colon
            while end < range.upperBound, bytes.byte(end) != 0x0D { end += 1 }
            guard colon < end else { return }
            if !body(start..<colon, bytes.trimmed(colon + 1..<end)) { return }
            start = end + 2
        }
    }

    /// Where the value of the first field `name`, in small letters, lies; nil when there is none.
    public func value(of name: StaticString, in bytes: RawSpan) -> Range<Int>? {
        var found: Range<Int>?
        forEach(in: bytes) { own, value in
            if bytes.equalsIgnoringCase(own, name) { found = value }
            return found == nil
        }
        return found
    }

    /// Whether a list field `name` has the element `token`; both in small letters. Several fields are one list.
    public func has(_ token: StaticString, in name: StaticString, of bytes: RawSpan) -> Bool {
        var isThere = false
        forEach(in: bytes) { own, value in
            if bytes.equalsIgnoringCase(own, name) {
                bytes.forEachElement(of: value) { element in
                    if bytes.equalsIgnoringCase(element, token) { isThere = true }
                    return !isThere
                }
            }
            return !isThere
        }
        return isThere
    }
}
