import Interfaces
import Network
import Runtime

/// A TCP connection. Letting go of it closes it: what was written is still sent.
///
/// Calls wait where it is said, for the time given at most, and can be cancelled. One task may read while another writes.
public final class TCPConnection {
    let host: IPHost
    let id: ConnectionID
    private let readers = WaitQueue()
    let writers = WaitQueue()
    /// Bytes that were written or lent so far: what has its place in the stream, sent or not.
    public internal(set) var writtenCount: UInt64 = 0
    /// Told when something has arrived or the connection has ended, for those that look after many. Refers to it until it is nil again.
    public var watcher: (any ConnectionWatcher)?
    /// How long what was written may take to be acknowledged after the connection was let go.
    public var linger = Interval.seconds(60)

    init(_ host: IPHost, _ id: ConnectionID) {
        self.host = host
        self.id = id
        host.stack.setOwner(unsafe UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()), of: id)
    }

    deinit {
        let now = SystemTime.now
        host.stack.release(id, linger: now + linger, now: now)
        host.flush()
    }

    /// Both ends; nil when the connection has ended and been forgotten.
    public var endpoints: (local: Endpoint, remote: Endpoint)? { host.stack.endpoints(of: id) }

    // MARK: Reading

    /// Waits until something has arrived, and copies as much of it as fits to the front of `destination`.
    /// - Returns: how many bytes; 0 at the end of the stream, or when `destination` has no room.
    /// - Throws: `.timedOut` at `deadline`, `.cancelled`, `.reset`, `.notAnswering`, `.aborted`.
    public func read(
        into destination: inout MutableRawSpan, until deadline: Instant = .never
    ) throws(SocketError) -> Int {
        if destination.byteCount == 0 { return 0 }
        while true {
            let count: Int
            do throws(TCPError) { count = try host.stack.read(from: id, into: &destination) } catch {
                throw SocketError(error)
            }
            if count > 0 {
                if host.stack.isWaitingForRoom { host.flush() }
                return count
            }
            if isAtEnd { return 0 }
            try wait(in: readers, until: deadline, for: "data of a connection")
        }
    }

    /// Waits until something has arrived, and copies as much of it as fits to the front of `first`, and what is left to the front of
    /// `second`.
    /// - Returns: how many bytes in all; 0 at the end of the stream, or when there is no room.
    /// - Throws: as `read(into:until:)`.
    public func read(
        into first: inout MutableRawSpan, _ second: inout MutableRawSpan, until deadline: Instant = .never
    ) throws(SocketError) -> Int {
        if first.byteCount == 0 { return try read(into: &second, until: deadline) }
        let count = try read(into: &first, until: deadline)
        guard count == first.byteCount, readableCount > 0 else { return count }
        return count + (try read(into: &second))
    }

    /// Waits until something has arrived, and lends it to `body` where it lies, without a copy. `body` returns how many bytes it has
    /// used up; what it leaves comes again.
    /// - Returns: how many bytes were used up; 0 at the end of the stream, without a call of `body`.
    public func read(
        until deadline: Instant = .never, _ body: (RawSpan) -> Int
    ) throws(SocketError) -> Int {
        while true {
            if readableCount > 0 {
                let count: Int
                do throws(TCPError) { count = try host.stack.read(from: id, body) } catch { throw SocketError(error) }
                if host.stack.isWaitingForRoom { host.flush() }
                return count
            }
            if isAtEnd { return 0 }
            if let failure { throw SocketError(failure) }
            try wait(in: readers, until: deadline, for: "data of a connection")
        }
    }

    /// Copies what has arrived from the byte `offset` on, as much as fits, to the front of `destination`; it stays to be read. Does not
    /// wait.
    /// - Returns: how many bytes; 0 where none are there.
    public func peek(at offset: Int, into destination: inout MutableRawSpan) -> Int {
        host.stack.peek(at: offset, from: id, into: &destination)
    }

    /// Waits until more than `count` bytes can be read, or the stream has ended.
    /// - Throws: as `read`.
    public func waitForMore(than count: Int, until deadline: Instant = .never) throws(SocketError) {
        while readableCount <= count {
            if let failure { throw SocketError(failure) }
            if isAtEnd || hasReceivedAll { return }
            try wait(in: readers, until: deadline, for: "data of a connection")
        }
    }

    /// Whether the other end has finished, with something left to read or not.
    private var hasReceivedAll: Bool {
        ask { $0.state != .established && $0.state != .finWait1 && $0.state != .finWait2 } ?? true
    }

    /// Takes `count` bytes that `peek` has shown out of what is to be read; no more than are there.
    public func discard(_ count: Int) {
        host.stack.discard(count, from: id)
        if host.stack.isWaitingForRoom { host.flush() }
    }

    /// Bytes that can be read without waiting.
    public var readableCount: Int { ask { $0.readableCount } ?? 0 }

    /// Whether the other end has finished, and all it sent was read.
    public var isAtEnd: Bool { ask { $0.isAtEnd && $0.error == nil } ?? true }

    /// Why the connection failed; nil while it has not.
    public var failure: TCPError? { ask { $0.error } ?? nil }

    /// The state (RFC 9293, section 3.3.2).
    public var state: TCPState { ask { $0.state } ?? .closed }

    // MARK: Writing

    /// Writes all of `bytes`: waits until the last of them has a place in the send buffer.
    /// - Throws: as `read`, and `.closed` after `finish`. Some of the bytes may have been sent then.
    public func write(_ bytes: RawSpan, until deadline: Instant = .never) throws(SocketError) {
        try append(bytes, until: deadline)
        host.flush()
    }

    /// Writes several pieces, one behind the other, in as few segments as they fit: none leaves before the last has its place in the send
    /// buffer, unless they find no room in it together. With `isLast` this direction ends with them, in the same segment if it fits.
    /// - Throws: as `write`.
    public func write(
        _ first: RawSpan, _ second: RawSpan, _ third: RawSpan = RawSpan(), _ fourth: RawSpan = RawSpan(),
        isLast: Bool = false, until deadline: Instant = .never
    ) throws(SocketError) {
        try append(first, until: deadline)
        try append(second, until: deadline)
        try append(third, until: deadline)
        try append(fourth, until: deadline)
        if isLast { finish() } else { host.flush() }
    }

    /// Copies `bytes` into the send buffer; what is in it leaves only where there is no room.
    func append(_ bytes: RawSpan, until deadline: Instant) throws(SocketError) {
        var done = 0
        while done < bytes.byteCount {
            let count: Int
            do throws(TCPError) {
                count = try host.stack.write(bytes.extracting(done..<bytes.byteCount), to: id)
            } catch {
                throw SocketError(error)
            }
            done += count
            writtenCount &+= UInt64(count)
            if count == 0 {
                host.flush()
                try wait(in: writers, until: deadline, for: "room in a connection")
            }
        }
    }

    /// Waits until the other end has acknowledged everything that was written.
    public func flush(until deadline: Instant = .never) throws(SocketError) {
        while let pending = ask({ $0.unacknowledgedCount }), pending > 0 {
            if let failure { throw SocketError(failure) }
            try wait(in: writers, until: deadline, for: "acknowledgement by the other end")
        }
        if let failure { throw SocketError(failure) }
    }

    /// Ends this direction: the other end reads the end of the stream after what was written. Reading goes on.
    public func finish() { change { $0.close() } }

    /// Ends the connection at once: the other end is told by a reset, and whatever is under way is lost.
    public func abort() { change { $0.abort() } }

    /// Whether small segments go out while others are under way (RFC 9293, section 3.7.4: Nagle's algorithm switched off).
    public func setNoDelay(_ isOn: Bool) { change { $0.usesNagle = !isOn } }

    /// Asks the other end for a sign of life when it has been silent; nil asks no more.
    public func setKeepAlive(_ keepAlive: KeepAlive?) {
        let now = SystemTime.now
        change { $0.setKeepAlive(keepAlive, now: now) }
    }

    // MARK: Waiting

    func ask<R>(_ question: (borrowing TransmissionControlBlock) -> R) -> R? { host.stack.ask(id, question) }

    private func change(_ body: (inout TransmissionControlBlock) -> Void) {
        _ = try? host.stack.withConnection(id, body)
        host.flush()
    }

    /// Waits for the handshake.
    func waitUntilEstablished(until deadline: Instant) throws(SocketError) {
        while let state = ask({ $0.state }), state == .synSent || state == .synReceived {
            try wait(in: writers, until: deadline, for: "the answer to a connection")
        }
        if let failure { throw SocketError(failure) }
    }

    func wait(
        in queue: WaitQueue, until deadline: Instant, for reason: StaticString
    ) throws(SocketError) {
        do throws(TaskError) { try queue.wait(until: deadline, for: reason) } catch { throw SocketError(error) }
    }

    func notify(_ news: TCPEvents) {
        if !news.isDisjoint(with: [.readable, .ended]) {
            readers.wakeAll()
            watcher?.hasNews()
        }
        if !news.isDisjoint(with: [.writable, .flushed, .established, .ended]) { writers.wakeAll() }
    }

    /// Calls `body` with the connection that gave its address as `owner`; it takes that back before it goes.
    static func withOwner(_ owner: UInt, _ body: (TCPConnection) -> Void) {
        guard let pointer = unsafe UnsafeRawPointer(bitPattern: owner) else { return }
        body(unsafe Unmanaged<TCPConnection>.fromOpaque(pointer).takeUnretainedValue())
    }
}

extension IPHost {
    /// Opens a connection to `remote` and waits until it stands.
    /// - Throws: `.timedOut` at `deadline` and `.cancelled`, and the connection is given up; `.refused`, `.unreachable`, `.notAnswering`,
    ///   `.full`, `.invalid`.
    public func connect(
        to remote: Endpoint, until deadline: Instant = .never, configuration: TCPConfiguration? = nil
    ) throws(SocketError) -> TCPConnection {
        let id: ConnectionID
        do throws(StackError) {
            id = try stack.connect(to: remote, configuration: configuration, now: SystemTime.now)
        } catch {
            throw SocketError(error)
        }
        let connection = TCPConnection(self, id)
        flush()
        do throws(SocketError) { try connection.waitUntilEstablished(until: deadline) } catch {
            connection.abort()
            throw error
        }
        return connection
    }
}
