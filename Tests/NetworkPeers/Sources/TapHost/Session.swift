import Interfaces
import Network
import PeerPattern

/// A connection and what it is for.
final class Session {
    /// What a connection does.
    enum Kind: Equatable {
        /// Sends back what arrives (RFC 862).
        case echo
        /// Takes the pattern to the end of the stream, then says in 16 bytes how much it was and how many bytes were wrong.
        case sink
        /// Reads a number of 8 bytes and sends so much of the pattern.
        case source
        /// Sends so much of the pattern and expects it back.
        case client(Int)
    }

    /// How it stands.
    enum Outcome {
        case open, done, failed
    }

    let id: ConnectionID
    let kind: Kind
    private(set) var outcome = Outcome.open
    /// Bytes that arrived and are not those of the pattern.
    private(set) var wrong = 0
    private var received = 0
    private var sent = 0
    private var isFinished = false
    private var wanted: Int?
    private var request: [UInt8] = []
    /// What an echo has read and not yet written.
    private var unsent: [UInt8] = []

    init(_ id: ConnectionID, _ kind: Kind) {
        self.id = id
        self.kind = kind
        if case .client(let count) = kind { wanted = count }
    }

    /// Does what can be done now.
    func step(_ stack: inout NetworkStack, _ scratch: inout [UInt8], _ pattern: Pattern, now: Instant) {
        guard outcome == .open else { return }
        do throws(TCPError) {
            if let error = stack.ask(id, { $0.error }) ?? .notConnected { throw error }
            switch kind {
            case .echo: try echo(&stack, &scratch)
            case .sink: try sink(&stack, &scratch, pattern)
            case .source: try source(&stack, &scratch, pattern)
            case .client(let count): try client(&stack, &scratch, pattern, count)
            }
        } catch {
            outcome = .failed
        }
        if outcome != .open { stack.release(id, now: now) }
    }

    private func echo(_ stack: inout NetworkStack, _ scratch: inout [UInt8]) throws(TCPError) {
        while true {
            if !unsent.isEmpty {
                // Where memory is short, less fits than was read; the rest waits for an acknowledgement.
                let waiting = unsent
                unsent.removeFirst(try stack.write(waiting.span.bytes, to: id))
                guard unsent.isEmpty else { return }
            }
            guard let room = stack.ask(id, { $0.writableCount }), room > 0 else { break }
            let count = try read(&stack, &scratch, limit: room)
            if count == 0 { break }
            unsent = Array(scratch[..<count])
        }
        if isAtEnd(&stack) { outcome = .done }
    }

    private func sink(
        _ stack: inout NetworkStack, _ scratch: inout [UInt8], _ pattern: Pattern
    ) throws(TCPError) {
        try compare(&stack, &scratch, pattern)
        guard isAtEnd(&stack) else { return }
        let answer = Self.bytes(received) + Self.bytes(wrong)
        if try stack.write(answer.span.bytes, to: id) < answer.count { throw .aborted }
        outcome = .done
    }

    private func source(
        _ stack: inout NetworkStack, _ scratch: inout [UInt8], _ pattern: Pattern
    ) throws(TCPError) {
        if wanted == nil {
            let count = try read(&stack, &scratch, limit: 8 - request.count)
            request += scratch[..<count]
            guard request.count == 8 else { return }
            wanted = request.reduce(0) { $0 << 8 | Int($1) }
        }
        try sendPattern(&stack, pattern)
        if isFinished, isAtEnd(&stack) { outcome = .done }
    }

    private func client(
        _ stack: inout NetworkStack, _ scratch: inout [UInt8], _ pattern: Pattern, _ count: Int
    ) throws(TCPError) {
        guard stack.ask(id, { $0.state != .synSent }) ?? false else { return }
        try sendPattern(&stack, pattern)
        try compare(&stack, &scratch, pattern)
        if isAtEnd(&stack) { outcome = received == count && wrong == 0 ? .done : .failed }
    }

    // MARK: Parts

    private func compare(
        _ stack: inout NetworkStack, _ scratch: inout [UInt8], _ pattern: Pattern
    ) throws(TCPError) {
        while true {
            let count = try read(&stack, &scratch, limit: scratch.count)
            if count == 0 { return }
            wrong += scratch.withUnsafeBytes {
                pattern.wrongCount(UnsafeRawBufferPointer(rebasing: $0[..<count]), at: received)
            }
            received += count
        }
    }

    private func sendPattern(_ stack: inout NetworkStack, _ pattern: Pattern) throws(TCPError) {
        guard let wanted, !isFinished else { return }
        while sent < wanted {
            let count = min(wanted - sent, 32768)
            var result: Result<Int, TCPError> = .success(0)
            pattern.withBytes(at: sent, count: count) { bytes in
                do throws(TCPError) { result = .success(try stack.write(bytes.bytes, to: id)) } catch {
                    result = .failure(error)
                }
            }
            let written = try result.get()
            if written == 0 { return }
            sent += written
        }
        isFinished = true
        try stack.withConnection(id) { $0.close() }
    }

    private func read(
        _ stack: inout NetworkStack, _ scratch: inout [UInt8], limit: Int
    ) throws(TCPError) -> Int {
        var span = scratch.mutableSpan
        var raw = span.mutableBytes
        var front = raw._mutatingExtracting(0..<min(limit, raw.byteCount))
        return try stack.read(from: id, into: &front)
    }

    private func isAtEnd(_ stack: inout NetworkStack) -> Bool { stack.ask(id) { $0.isAtEnd } ?? true }

    private static func bytes(_ number: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }
}
