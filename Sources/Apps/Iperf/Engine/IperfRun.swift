import Interfaces
import IperfProtocol
import Network
import Runtime
import Sockets

/// The streams of one test, from the first byte to the last, and what was measured: the same at both ends.
final class IperfRun {
    let host: IPHost
    let parameters: IperfParameters
    private var streams: [IperfStream] = []
    /// Raised when a stream has ended by itself.
    let finished = Signal()
    private var start: Usage
    private var end: Usage

    init(_ host: IPHost, _ parameters: IperfParameters) {
        self.host = host
        self.parameters = parameters
        start = Usage(host)
        end = start
    }

    /// Adds the next connection, which sends or not.
    func add(_ connection: TCPConnection, sends: Bool) {
        if parameters.hasNoDelay { connection.setNoDelay(true) }
        streams.append(IperfStream(connection, index: streams.count, sends: sends))
    }

    /// Lets data flow.
    func begin(lends: Bool = false) throws(IperfError) {
        let sending = IperfStream.Sending(
            blockSize: parameters.blockSize, lends: lends, quota: IperfStream.Quota(parameters.byteLimit))
        start = Usage(host)
        for stream in streams { try stream.start(sending, finished: finished) }
    }

    /// What was carried so far does not count.
    func omit() {
        for stream in streams { stream.reset() }
        start = Usage(host)
    }

    /// Whether every stream that sends has sent what it had to, or has failed.
    var isOver: Bool { streams.allSatisfy { $0.hasEnded } }

    /// Whether those that receive have what the test's limit says.
    var hasReceivedAll: Bool {
        guard let limit = parameters.byteLimit else { return false }
        return received >= limit
    }

    private var received: UInt64 { streams.reduce(0) { $1.sends ? $0 : $0 &+ $1.bytes } }
    private var sent: UInt64 { streams.reduce(0) { $1.sends ? $0 &+ $1.bytes : $0 } }

    /// Ends it: what senders have not sent is not sent, and what is still on its way to receivers is waited for, for as long as some comes
    /// and `drainTime` at most.
    func stop(drains: Bool) throws(IperfError) {
        end = Usage(host)
        for stream in streams where stream.sends { stream.stop() }
        if drains { try drain() }
        for stream in streams { stream.stop() }
    }

    /// Ends what was sent on: a client reads whole blocks, and waits in the middle of one for its rest or the end of the stream.
    func finishSenders() {
        for stream in streams where stream.sends { stream.connection.finish() }
    }

    private static let drainTime = Interval.seconds(2)
    private static let quietTime = Interval.milliseconds(60)

    private func drain() throws(IperfError) {
        let limit = SystemTime.now + Self.drainTime
        var before = received
        while SystemTime.now < limit, streams.contains(where: { !$0.sends && !$0.hasEnded }) {
            do throws(TaskError) { try Task.sleep(for: Self.quietTime) } catch { throw .socket(.cancelled) }
            if received == before { break }
            before = received
        }
        // The time ends with the last byte.
        for stream in streams where !stream.sends && stream.bytes > 0 { end.time = max(end.time, stream.lastArrival) }
    }

    /// What to tell the other end.
    var results: IperfResults {
        var results = IperfResults()
        let report = report
        results.busyShare = report.busyShare
        results.streams = streams.map {
            IperfResults.Stream(
                identifier: IperfParameters.identifier($0.index), bytes: $0.bytes, retransmits: nil,
                microseconds: report.elapsed.nanoseconds / 1000)
        }
        return results
    }

    /// What was measured.
    var report: IperfReport {
        IperfReport(
            streamCount: streams.count, sent: sent, received: received, elapsed: end.time - start.time,
            busy: end.busy(since: start), sentSegments: end.sentSegments &- start.sentSegments,
            receivedSegments: end.receivedSegments &- start.receivedSegments, peer: nil)
    }
}

/// What the processor and the stack have done up to one moment.
struct Usage {
    var time: Instant
    private let idle: Interval
    private let taken: Instant
    let sentSegments: UInt64
    let receivedSegments: UInt64

    init(_ host: IPHost) {
        time = SystemTime.now
        taken = time
        idle = Tasks.idleTime
        sentSegments = host.stack.statistics.sentSegments
        receivedSegments = host.stack.statistics.receivedSegments
    }

    /// The time that the processor was not asleep since `earlier`.
    func busy(since earlier: Usage) -> Interval {
        let (elapsed, slept) = ((taken - earlier.taken).nanoseconds, idle.nanoseconds &- earlier.idle.nanoseconds)
        return .nanoseconds(elapsed > slept ? elapsed - slept : 0)
    }
}
