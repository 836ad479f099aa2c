import HTTP
import Interfaces
import Network
import Runtime
import Sockets

/// What of a message's content has not been read.
struct IncomingContent {
    private enum Form {
        case none
        /// So many bytes are left.
        case length(UInt64)
        case chunked
        /// Everything up to the end of the connection, and whether that has come.
        case untilEnd(hasEnded: Bool)
    }

    private var form = Form.none
    private var decoder = ChunkedDecoder()
    /// Bytes that were read.
    private var count: UInt64 = 0
    private var limit: UInt64 = 0
    /// Whether the client waits to be told to send.
    var awaitsContinue = false
    private var start = Instant.never

    init() {}

    init(_ head: RequestHead, _ limits: HTTPLimits) {
        limit = limits.content
        awaitsContinue = head.expectsContinue
        switch head.content {
        case .length(let length): form = .length(length)
        case .chunked: form = .chunked
        case .none, .untilEnd: form = .none
        }
    }

    init(_ head: ResponseHead, _ limits: HTTPLimits) {
        limit = limits.content
        switch head.content {
        case .length(let length): form = .length(length)
        case .chunked: form = .chunked
        case .untilEnd: form = .untilEnd(hasEnded: false)
        case .none: form = .none
        }
    }

    /// Whether all of it was read.
    var isAtEnd: Bool {
        switch form {
        case .none: true
        case .length(let left): left == 0
        case .chunked: decoder.isAtEnd
        case .untilEnd(let hasEnded): hasEnded
        }
    }

    /// How much is known to be left; nil where only its end will tell.
    var remaining: UInt64? {
        switch form {
        case .none: 0
        case .length(let left): left
        case .chunked: decoder.isAtEnd ? 0 : nil
        case .untilEnd(let hasEnded): hasEnded ? 0 : nil
        }
    }

    /// Copies what comes next to the front of `destination`.
    /// - Returns: how many bytes, 0 at the end.
    mutating func read(
        _ connection: TCPConnection, into destination: inout MutableRawSpan, _ limits: HTTPLimits
    ) throws(HTTPError) -> Int {
        if start == .never { start = SystemTime.now }
        while !isAtEnd, destination.byteCount > 0 {
            // A byte at a time for ever is no way to send content either.
            let allowed = limits.stallTime + .milliseconds(count * 1000 / max(1, limits.contentRate))
            let deadline = min(SystemTime.now + limits.stallTime, start + allowed)
            let got = try readPiece(connection, into: &destination, deadline)
            count += UInt64(got)
            if count > limit { throw .syntax(.contentTooLarge) }
            if got > 0 { return got }
        }
        return 0
    }

    private mutating func readPiece(
        _ connection: TCPConnection, into destination: inout MutableRawSpan, _ deadline: Instant
    ) throws(HTTPError) -> Int {
        do throws(SocketError) {
            if case .length(let left) = form {
                let count: Int
                if left < UInt64(destination.byteCount) {
                    var part = destination._mutatingExtracting(0..<Int(left))
                    count = try connection.read(into: &part, until: deadline)
                } else {
                    count = try connection.read(into: &destination, until: deadline)
                }
                if count == 0 { throw .closed }
                form = .length(left - UInt64(count))
                return count
            }
            if case .untilEnd = form {
                let count = try connection.read(into: &destination, until: deadline)
                if count == 0 { form = .untilEnd(hasEnded: true) }
                return count
            }
        } catch { throw .connection(error) }
        return try readChunk(connection, into: &destination, deadline)
    }

    private mutating func readChunk(
        _ connection: TCPConnection, into destination: inout MutableRawSpan, _ deadline: Instant
    ) throws(HTTPError) -> Int {
        var step = ChunkStep(decoder: decoder)
        do throws(SocketError) {
            let limit = destination.byteCount
            let used = try connection.read(until: deadline) { bytes in
                step.take(bytes, limit)
                if step.content.count > 0 { destination.copy(bytes.extracting(step.content), to: 0) }
                return step.used
            }
            if used == 0, step.failure == nil { throw .closed }
        } catch { throw .connection(error) }
        decoder = step.decoder
        if let failure = step.failure { throw .syntax(failure) }
        return step.content.count
    }
}

extension Interval {
    fileprivate static func + (left: Interval, right: Interval) -> Interval {
        let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.nanoseconds)
        return Interval(nanoseconds: overflow ? .max : sum)
    }
}

/// One use of the decoder, inside of a closure that may not throw.
private struct ChunkStep {
    var decoder: ChunkedDecoder
    var used = 0
    var content = 0..<0
    var failure: HTTPSyntaxError?

    init(decoder: ChunkedDecoder) { self.decoder = decoder }

    mutating func take(_ bytes: RawSpan, _ limit: Int) {
        do throws(HTTPSyntaxError) { (used, content) = try decoder.next(bytes, limit: limit) } catch { failure = error }
    }
}

extension HTTPExchange {
    /// Reads what comes next of the request's content to the front of `destination`; the chunked coding is gone.
    /// - Returns: how many bytes; 0 at the end.
    /// - Throws: `.connection(.timedOut)` for a sender that is too slow, `.syntax` for chunks that are none and for too much.
    public func readContent(into destination: inout MutableRawSpan) throws(HTTPError) -> Int {
        if incoming.awaitsContinue {
            incoming.awaitsContinue = false
            try write("HTTP/1.1 100 Continue\r\n\r\n")
        }
        return try incoming.read(connection, into: &destination, server.limits)
    }

    /// All of the request's content, `limit` bytes at most.
    /// - Throws: as `readContent`; `.syntax(.contentTooLarge)` for more.
    public func content(limit: Int) throws(HTTPError) -> [UInt8] {
        if let remaining = incoming.remaining, remaining > UInt64(limit) { throw .syntax(.contentTooLarge) }
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: min(limit + 1, 4096))
        while true {
            let count = try readContent(into: &piece)
            if count == 0 { return content }
            if content.count + count > limit { throw .syntax(.contentTooLarge) }
            content.append(contentsOf: piece[0..<count])
        }
    }

    /// As above, to the front of an array.
    public func readContent(into destination: inout [UInt8]) throws(HTTPError) -> Int {
        var span = destination.mutableSpan
        // Every pattern of bits is a byte.
        var bytes = unsafe span.mutableBytes
        return try readContent(into: &bytes)
    }

    /// Reads past what the handler has not read, if that is little. Otherwise the connection ends after the response.
    func skipContent() {
        if incoming.awaitsContinue {
            // The client may send the content or not, and nobody can tell which.
            keepsAlive = false
            return
        }
        var budget = 64 << 10
        var piece = [UInt8](repeating: 0, count: 2048)
        while !incoming.isAtEnd {
            guard budget > 0, let count = try? readContent(into: &piece), count > 0 || incoming.isAtEnd else {
                keepsAlive = false
                return
            }
            budget -= count
        }
    }
}
