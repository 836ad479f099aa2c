import Network

/// What the fields of a head say about the message around them: where its content ends, whether the connection stays.
struct MessageFraming {
    /// How many fields a head may have.
    static let maximumFields = 100

    var contentLength: UInt64?
    var isChunked = false
    var asksToClose = false
    var asksToKeepAlive = false
    var expectsContinue = false
    var host: Range<Int>?
    private var count = 0

    /// Reads field lines from `position` on up to the empty line, and moves `position` behind that.
    mutating func read(_ bytes: RawSpan, at position: inout Int) throws(HTTPSyntaxError) -> FieldLines {
        let start = position
        while true {
            guard position + 1 < bytes.byteCount else { throw .malformed(.lineEnd) }
            if bytes.byte(position) == 0x0D {
                guard bytes.byte(position + 1) == 0x0A else { throw .malformed(.lineEnd) }
                let lines = FieldLines(range: start..<position)
                position += 2
                return lines
            }
            try readLine(bytes, at: &position)
        }
    }

    private mutating func readLine(_ bytes: RawSpan, at position: inout Int) throws(HTTPSyntaxError) {
        let start = position
        var index = bytes.letters(from: start)
        while index < bytes.byteCount, bytes.known(index).isTokenCharacter { index &+= 1 }
        // A blank before the colon, or at the beginning of a line that goes on another, is how one server is made to see what another does not.
        guard index > start, index < bytes.byteCount, bytes.byte(index) == 0x3A else { throw .malformed(.fieldName) }
        let name = start..<index
        index += 1
        let valueStart = index
        index = bytes.controlCharacter(from: index)
        guard index + 1 < bytes.byteCount else { throw .malformed(.lineEnd) }
        guard bytes.byte(index) == 0x0D else {
            throw .malformed(bytes.byte(index) == 0x0A ? .lineEnd : .fieldValue)
        }
        guard bytes.byte(index + 1) == 0x0A else { throw .malformed(.lineEnd) }
        count += 1
        if count > Self.maximumFields { throw .headTooLarge }
        try note(bytes, name, valueStart..<index)
        position = index + 2
    }

    /// Those that decide about the message; by length first, for there are many others.
    private mutating func note(_ bytes: RawSpan, _ name: Range<Int>, _ value: Range<Int>) throws(HTTPSyntaxError) {
        switch name.count {
        case 4 where bytes.equalsIgnoringCase(name, "host"):
            let value = bytes.trimmed(value)
            guard host == nil, Self.isHost(bytes, value) else { throw .malformed(.host) }
            host = value
        case 6 where bytes.equalsIgnoringCase(name, "expect"):
            guard bytes.equalsIgnoringCase(bytes.trimmed(value), "100-continue") else { throw .unknownExpectation }
            expectsContinue = true
        case 10 where bytes.equalsIgnoringCase(name, "connection"):
            // Most say one thing, and then it is no list.
            guard !noteConnection(bytes, bytes.trimmed(value)) else { return }
            bytes.forEachElement(of: value) { element in
                noteConnection(bytes, element)
                return true
            }
        case 14 where bytes.equalsIgnoringCase(name, "content-length"):
            guard contentLength == nil, !isChunked, let length = bytes.decimal(bytes.trimmed(value)) else {
                throw .malformed(.contentLength)
            }
            contentLength = length
        case 17 where bytes.equalsIgnoringCase(name, "transfer-encoding"):
            try noteTransferEncoding(bytes, bytes.trimmed(value))
        default: break
        }
    }

    /// False for an option that says nothing here.
    @discardableResult
    private mutating func noteConnection(_ bytes: RawSpan, _ option: Range<Int>) -> Bool {
        if bytes.equalsIgnoringCase(option, "close") {
            asksToClose = true
        } else if bytes.equalsIgnoringCase(option, "keep-alive") {
            asksToKeepAlive = true
        } else {
            return false
        }
        return true
    }

    /// `chunked`, once and alone: other codings are not known here, and a length beside it is an attempt at smuggling (RFC 9112,
    /// section 6.1).
    private mutating func noteTransferEncoding(_ bytes: RawSpan, _ value: Range<Int>) throws(HTTPSyntaxError) {
        guard contentLength == nil else { throw .malformed(.contentLength) }
        guard !isChunked else { throw .malformed(.transferEncoding) }
        if bytes.equalsIgnoringCase(value, "chunked") {
            isChunked = true
            return
        }
        var isLastChunked = false
        bytes.forEachElement(of: value) { element in
            isLastChunked = bytes.equalsIgnoringCase(element, "chunked")
            return true
        }
        throw isLastChunked ? .unknownTransferCoding : .malformed(.transferEncoding)
    }

    /// Whether `range` may be the name of a host, a port behind it or not; empty is one.
    static func isHost(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.byteCount, "a range of the text")
        var index = range.lowerBound
        while index < range.upperBound, bytes.known(index).isHostCharacter { index &+= 1 }
        return index == range.upperBound
    }
}
