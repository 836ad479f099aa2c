import Glibc
import PeerPattern

/// One connection to the stack, non-blocking.
final class Flow {
    /// What it does.
    enum Kind {
        /// Sends the pattern, expects it back, both at once; then ends its direction and expects the other end's.
        case echo
        /// Sends the pattern, ends its direction, and expects to be told how much came, and that all was right.
        case send
        /// Asks for some of the pattern.
        case receive
        /// As `echo`, but resets the connection half way.
        case reset
    }

    /// What a connection carries and how.
    struct Plan {
        var kind: Kind
        var bytes: Int
        /// The size of each write; 0 for a random one.
        var write: Int
        /// Milliseconds from the start in which nothing is read.
        var stall: Int
    }

    let socket: Int32
    private(set) var isOver = false
    private(set) var failure: String?
    /// Bytes of the pattern that came or went.
    private(set) var received = 0
    private(set) var sent = 0
    private let plan: Plan
    private let start = now()
    private var isShut = false
    private var trailer: [UInt8] = []

    init(_ plan: Plan, to address: Address) {
        self.plan = plan
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard socket >= 0 else { SocketPeer.fail("no socket: \(String(cString: strerror(errno)))") }
        if plan.write > 0, plan.write < 1000 { setOption(socket, Int32(IPPROTO_TCP), TCP_NODELAY, 1) }
        let result = address.withPointer { Glibc.connect(socket, $0, $1) }
        if result != 0, errno != EINPROGRESS { end("connect") }
    }

    deinit { close(socket) }

    /// What to wait for.
    var interest: Int16 {
        var events: Int16 = 0
        if !isShut { events |= Int16(POLLOUT) }
        if !isStalled { events |= Int16(POLLIN) }
        return events
    }

    /// Milliseconds until it wants to go on by itself; nil when it waits for the other end.
    var patience: Int? { isStalled ? max(plan.stall - (now() - start), 1) : nil }

    private var isStalled: Bool { plan.stall > 0 && now() - start < plan.stall }

    /// Does what can be done, after `poll` has told `events`.
    func step(_ events: Int16, _ buffer: inout [UInt8], _ pattern: Pattern) {
        if events & Int16(POLLERR) != 0 {
            var (error, size): (Int32, socklen_t) = (0, socklen_t(MemoryLayout<Int32>.size))
            getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size)
            return end(String(cString: strerror(error)))
        }
        if events & Int16(POLLOUT) != 0 { send(pattern) }
        if !isOver, !isStalled, events & Int16(POLLIN | POLLHUP) != 0 { receive(&buffer, pattern) }
        if plan.kind == .reset, received >= plan.bytes / 2 { reset() }
    }

    // MARK: Sending

    private var toSend: Int { plan.kind == .receive ? 8 : plan.bytes }

    private func send(_ pattern: Pattern) {
        // Several writes a turn; one that sends without end lets the others have theirs.
        for _ in 0..<16 where sent < toSend {
            let size = plan.write > 0 ? plan.write : Int.random(in: 1...65536)
            let count = min(size, Pattern.period, toSend - sent)
            let written = plan.kind == .receive ? writeRequest() : write(pattern, count)
            if written < 0 {
                if errno != EAGAIN { end("write: \(String(cString: strerror(errno)))") }
                return
            }
            sent += written
        }
        if sent == toSend, !isShut {
            isShut = true
            shutdown(socket, Int32(SHUT_WR))
        }
    }

    private func write(_ pattern: Pattern, _ count: Int) -> Int {
        pattern.withBytes(at: sent, count: count) { Glibc.write(socket, $0.baseAddress!, $0.count) }
    }

    private func writeRequest() -> Int {
        var number = UInt64(plan.bytes).bigEndian
        return Glibc.write(socket, &number, 8)
    }

    private func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        isOver = true
    }

    // MARK: Receiving

    private func receive(_ buffer: inout [UInt8], _ pattern: Pattern) {
        for _ in 0..<16 {
            let count = buffer.withUnsafeMutableBytes { read(socket, $0.baseAddress!, $0.count) }
            if count < 0 {
                if errno != EAGAIN { end("read: \(String(cString: strerror(errno)))") }
                return
            }
            if count == 0 { return endOfStream() }
            if plan.kind == .send {
                trailer += buffer[..<count]
            } else {
                let wrong = buffer.withUnsafeBytes {
                    pattern.wrongCount(UnsafeRawBufferPointer(rebasing: $0[..<count]), at: received)
                }
                if wrong > 0 { return end("\(wrong) bytes are wrong behind \(received)") }
            }
            received += count
        }
    }

    private func endOfStream() {
        if plan.kind == .send {
            let numbers = [trailer.prefix(8), trailer.dropFirst(8)].map { $0.reduce(0) { $0 << 8 | Int($1) } }
            end(trailer.count == 16 && numbers == [plan.bytes, 0] ? nil : "the sink says \(numbers)")
        } else {
            end(received == plan.bytes && isShut ? nil : "the stream ended after \(received)")
        }
    }

    private func end(_ reason: String?) {
        isOver = true
        failure = reason
    }
}
