import Interfaces
import Network

/// Reads the chunked transfer coding (RFC 9112, section 7.1), wherever its bytes are cut.
public struct ChunkedDecoder: Sendable {
    /// What the next bytes are.
    private enum State {
        case size, sizeDigits, extensions, sizeLineFeed, data, dataReturn, dataLineFeed
        case trailerStart, trailerName, trailerValue, trailerLineFeed, lastLineFeed, end
    }

    private var state = State.size
    private var remaining: UInt64 = 0
    /// Bytes of extensions or of the trailer so far.
    private var overhead = 0

    /// Bytes that the extensions of a chunk, or the trailer, may have.
    public static let maximumOverhead = 4096

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
        case .size, .sizeDigits: try takeSize(byte)
        case .extensions:
            try count(byte, .chunkSize)
            if byte == 0x0D { state = .sizeLineFeed }
        case .sizeLineFeed:
            guard byte == 0x0A else { throw .malformed(.chunkSize) }
            overhead = 0
            state = remaining == 0 ? .trailerStart : .data
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
        if let digit = byte.hexadecimalDigit {
            guard remaining >> 56 == 0 else { throw .malformed(.chunkSize) }
            remaining = remaining << 4 | UInt64(digit)
            overhead += 1
            // Zeros before the number are as many bytes as any others.
            guard overhead <= 16 else { throw .malformed(.chunkSize) }
            state = .sizeDigits
            return
        }
        guard state == .sizeDigits else { throw .malformed(.chunkSize) }
        switch byte {
        case 0x0D: state = .sizeLineFeed
        case 0x3B, 0x20, 0x09: state = .extensions
        default: throw .malformed(.chunkSize)
        }
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
