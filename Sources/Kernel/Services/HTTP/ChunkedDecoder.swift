import Interfaces
import Network

/// Reads the chunked transfer coding (RFC 9112, section 7.1), wherever its bytes are cut.
public struct ChunkedDecoder: Sendable {
    /// What the next bytes are.
    private enum State {
        case size, sizeDigits, sizeBlank, extensions, sizeLineFeed, data, dataReturn, dataLineFeed
        case trailerStart, trailerName, trailerValue, trailerLineFeed, lastLineFeed, end
    }

    private var state = State.size
    private var remaining: UInt64 = 0
    /// Digits of a size so far.
    private var digits = 0
    /// Bytes of sizes and extensions beyond what the content they came with pays for, or bytes of the trailer.
    private var overhead = 0

    /// Bytes that sizes and extensions may have beyond what their content pays for, in the whole of the content; or the trailer.
    public static let maximumOverhead = 4096
    /// Bytes of a size and its extensions that each chunk pays for, beside two for each byte of it. A signature in each chunk fits, a
    /// kibibyte of nothing for each byte does not.
    private static let paidOverhead = 16

    /// Before the first chunk.
    public init() {}

    /// Whether the last chunk and the trailer have been read.
    public var isAtEnd: Bool { state == .end }

    /// Reads from the front of `bytes` up to the end of the next piece of content.
    /// - Returns: how many bytes were used up, and where among them the content lies, `limit` bytes at most; empty when more bytes are
    ///   needed, or at the end.
    public mutating func next(
        _ bytes: RawSpan, limit: Int
    ) throws(HTTPSyntaxError) -> (used: Int, content: Range<Int>) {
        var index = 0
        while index < bytes.byteCount, state != .end {
            if state == .data {
                let count = Int(min(UInt64(min(bytes.byteCount - index, limit)), remaining))
                remaining -= UInt64(count)
                if remaining == 0 { state = .dataReturn }
                return (index + count, index..<index + count)
            }
            try take(bytes.byte(index))
            index += 1
        }
        return (index, index..<index)
    }

    private mutating func take(_ byte: UInt8) throws(HTTPSyntaxError) {
        switch state {
        case .size, .sizeDigits, .sizeBlank: try takeSize(byte)
        case .extensions:
            try count(byte, .chunkSize)
            if byte == 0x0D { state = .sizeLineFeed }
        case .sizeLineFeed:
            guard byte == 0x0A else { throw .malformed(.chunkSize) }
            endSize()
        case .dataReturn:
            guard byte == 0x0D else { throw .malformed(.chunkEnd) }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == 0x0A else { throw .malformed(.chunkEnd) }
            state = .size
        case .data, .end: break
        default: try takeTrailer(byte)
        }
    }

    private mutating func takeSize(_ byte: UInt8) throws(HTTPSyntaxError) {
        try count(byte, .chunkSize)
        if state != .sizeBlank, let digit = byte.hexadecimalDigit {
            digits += 1
            // Zeros before the number are as many bytes as any others.
            guard remaining >> 56 == 0, digits <= 16 else { throw .malformed(.chunkSize) }
            remaining = remaining << 4 | UInt64(digit)
            state = .sizeDigits
            return
        }
        guard state != .size else { throw .malformed(.chunkSize) }
        switch byte {
        case 0x0D: state = .sizeLineFeed
        case 0x3B: state = .extensions
        // Blanks before an extension, or before the end of the line, which some send.
        case 0x20, 0x09: state = .sizeBlank
        default: throw .malformed(.chunkSize)
        }
    }

    /// Behind the line of a size: its chunk follows, or the trailer.
    private mutating func endSize() {
        digits = 0
        if remaining == 0 {
            overhead = 0
            state = .trailerStart
            return
        }
        let paid = UInt64(Self.paidOverhead) + (remaining > 1 << 32 ? 1 << 32 : 2 * remaining)
        overhead = UInt64(overhead) > paid ? overhead - Int(paid) : 0
        state = .data
    }

    private mutating func takeTrailer(_ byte: UInt8) throws(HTTPSyntaxError) {
        switch state {
        case .trailerStart:
            if byte == 0x0D {
                state = .lastLineFeed
                return
            }
            guard byte.isTokenCharacter else { throw .malformed(.trailer) }
            state = .trailerName
        case .trailerName:
            if byte == 0x3A { state = .trailerValue } else if !byte.isTokenCharacter { throw .malformed(.trailer) }
        case .trailerValue:
            if byte == 0x0D {
                state = .trailerLineFeed
                return
            }
        case .trailerLineFeed, .lastLineFeed:
            guard byte == 0x0A else { throw .malformed(.trailer) }
            state = state == .lastLineFeed ? .end : .trailerStart
            return
        default: break
        }
        try count(byte, .trailer)
    }

    /// Counts a byte that nobody reads, and refuses control characters.
    private mutating func count(_ byte: UInt8, _ place: HTTPSyntaxError.Place) throws(HTTPSyntaxError) {
        overhead += 1
        let isControl = byte < 0x20 ? byte != 0x09 && byte != 0x0D : byte == 0x7F
        if isControl || overhead > Self.maximumOverhead { throw .malformed(place) }
    }
}
