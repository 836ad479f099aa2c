import Interfaces

@testable import Network

/// A connection whose other end is the test. The other end's SYN has number 1000, this end's 5000.
final class Bench {
    var connection: TransmissionControlBlock
    var now = Instant(nanoseconds: 1_000_000_000)
    /// The next octet of the other end.
    var next = SequenceNumber(1001)
    /// What the other end says its window is.
    var window: UInt16 = 60000

    /// A connection brought into `state` by segments.
    init(_ state: TCPState, _ configure: (inout TCPConfiguration) -> Void = { _ in }) {
        var configuration = TCPConfiguration()
        configuration.offersTimestamps = false
        configuration.offersWindowScaling = false
        configuration.acknowledgementDelay = .milliseconds(0)
        configure(&configuration)
        if state == .synSent || state == .closed {
            connection = TransmissionControlBlock(opening: configuration, initial: SequenceNumber(5000), now: now)
            _ = poll()
            if state == .closed { connection.close() }
            return
        }
        connection = TransmissionControlBlock(listening: configuration, initial: SequenceNumber(5000))
        if state != .listen { bring(to: state) }
    }

    private func bring(to state: TCPState) {
        var options = TCPOptions()
        options.maximumSegmentSize = 1460
        options.isSACKPermitted = true
        give(.syn, SequenceNumber(1000), SequenceNumber(0), options: options)
        guard state != .synReceived else { return }
        give(.ack, next, SequenceNumber(5001))
        switch state {
        case .finWait1: close()
        case .finWait2:
            close()
            give(.ack, next, SequenceNumber(5002))
        case .closeWait: finish(SequenceNumber(5001))
        case .closing:
            close()
            finish(SequenceNumber(5001))
        case .lastAck:
            finish(SequenceNumber(5001))
            close()
        case .timeWait:
            close()
            finish(SequenceNumber(5002))
        default: break
        }
    }

    private func close() {
        connection.close()
        _ = poll()
    }

    private func finish(_ acknowledgement: SequenceNumber) {
        give([.fin, .ack], next, acknowledgement)
        next = next + 1
    }

    /// Whether losses are being repaired.
    var isRecovering: Bool { connection.board.isRecovering }
    /// The congestion window in octets.
    var congestionWindow: Int { connection.congestion.window }

    func isUnderWay(_ number: SequenceNumber) -> Bool { connection.isUnderWay(number) }

    /// Octets under way.
    var flight: Int { connection.send.flight }
    /// What takes the connection's place in TIME-WAIT.
    var record: TimeWaitRecord? { connection.timeWaitRecord }
    /// Whether the connection asks to be polled before the batch ends.
    var mustPollAtOnce: Bool { connection.mustPollAtOnce }

    /// What the other end receives now.
    func poll() -> [OutgoingSegment] {
        var all: [OutgoingSegment] = []
        while let segment = connection.poll(now: now) { all.append(segment) }
        return all
    }

    /// The other end sends a segment; gives the answers.
    @discardableResult
    func give(
        _ flags: TCPFlags, _ sequence: SequenceNumber, _ acknowledgement: SequenceNumber, length: Int = 0,
        options: TCPOptions = TCPOptions()
    ) -> [OutgoingSegment] {
        let header = SegmentHeader(
            sequence: sequence, acknowledgement: acknowledgement, flags: flags, window: window, options: options)
        let payload = [UInt8](repeating: 7, count: length)
        connection.receive(header, payload: payload.span.bytes, now: now)
        return poll()
    }

    /// Time passes until the connection wants to be asked, at most `limit`; gives what it sends then.
    func wait(_ limit: Interval = .seconds(600)) -> [OutgoingSegment] {
        now = min(max(connection.deadline, now), now + limit)
        return poll()
    }

    /// The application writes `count` octets; gives what is sent.
    @discardableResult
    func write(_ count: Int) -> [OutgoingSegment] {
        let bytes = [UInt8](repeating: 9, count: count)
        _ = try? connection.write(bytes.span.bytes)
        return poll()
    }
}
