import Interfaces
import Network
import Runtime
import Sockets

/// Sends echo requests to one address, one an interval, and tells what comes back.
public struct Pinger {
    /// From one request to the next.
    public var interval = Interval.seconds(1)
    /// How long to wait for the answer to the last.
    public var patience = Interval.seconds(2)
    /// Bytes of data in a request, 8 at least.
    public var size = 56
    private let host: IPHost
    private let address: IPAddress

    /// A pinger of `address`.
    public init(_ host: IPHost, _ address: IPAddress) {
        self.host = host
        self.address = address
    }

    /// Sends `count` requests, or goes on until the task is cancelled; each answer is told to `say` in a line.
    /// - Returns: what came of it, when it was cancelled as well.
    /// - Throws: `.full`, and `.unreachable` and `.tooLong` when the first request cannot be sent.
    public func run(count: Int? = nil, _ say: (Text) -> Void) throws(SocketError) -> PingStatistics {
        let socket = try host.openEcho()
        var statistics = PingStatistics()
        var sentAt: [Instant] = []
        var next = SystemTime.now
        while count == nil || sentAt.count < count! {
            do throws(SocketError) {
                try send(socket, UInt16(truncatingIfNeeded: sentAt.count))
            } catch {
                if sentAt.isEmpty { throw error }
                say("sequence \(sentAt.count): not to be reached")
            }
            statistics.noteSent()
            sentAt.append(SystemTime.now)
            next = next + interval
            let isLast = sentAt.count == count
            let end = isLast ? SystemTime.now + patience : next
            guard take(socket, &sentAt, until: end, untilAllAnswered: isLast, &statistics, say) else { break }
        }
        return statistics
    }

    private func send(_ socket: EchoSocket, _ sequence: UInt16) throws(SocketError) {
        let bytes = [UInt8](repeating: 0x70, count: max(size, 8))
        try unsafe socket.send(bytes.span.bytes, sequence: sequence, to: address)
    }

    /// Takes answers until `deadline`. Returns false when the task was cancelled.
    private func take(
        _ socket: EchoSocket, _ sentAt: inout [Instant], until deadline: Instant, untilAllAnswered: Bool,
        _ statistics: inout PingStatistics, _ say: (Text) -> Void
    ) -> Bool {
        while !untilAllAnswered || statistics.answered < statistics.sent {
            do throws(SocketError) {
                let (sequence, length) = try receive(socket, until: deadline)
                note(sequence, length, &sentAt, &statistics, say)
            } catch {
                switch error {
                case .timedOut: return true
                case .cancelled: return false
                default: say("\(address.description): not to be reached")
                }
            }
        }
        return true
    }

    private func receive(_ socket: EchoSocket, until deadline: Instant) throws(SocketError) -> (UInt16, Int) {
        // What is in the answer is not looked at: that it is the answer, the stack knows by its numbers.
        var bytes = InlineArray<8, UInt8>(repeating: 0)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        let answer = try socket.receive(into: &raw, until: deadline)
        guard answer.sender == address else { return (.max, 0) }
        return (answer.sequence, answer.length)
    }

    /// Counts an answer. An answered request is marked by `.never`.
    private func note(
        _ sequence: UInt16, _ length: Int, _ sentAt: inout [Instant], _ statistics: inout PingStatistics,
        _ say: (Text) -> Void
    ) {
        // The number has 16 bits: it is the latest request that has them.
        var index = sentAt.count & ~0xFFFF | Int(sequence)
        if index >= sentAt.count { index -= 0x10000 }
        guard index >= 0 else { return }
        guard sentAt[index] != .never else {
            statistics.noteDuplicate()
            return
        }
        let time = SystemTime.now - sentAt[index]
        sentAt[index] = .never
        statistics.noteAnswer(after: time)
        say("\(length + 8) bytes from \(address.description): icmp_seq=\(index + 1) time=\(milliseconds: time) ms")
    }
}
