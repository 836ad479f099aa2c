import Interfaces
import Testing

@testable import Network

/// A sink that has no room. Whoever asks it again and again gets some in the end, so that the test does.
private struct FullSink: FrameSink {
    var questions = 0
    var frames = 0

    mutating func room(on interface: InterfaceID) -> Int {
        questions += 1
        return questions > 10_000 ? 1 : 0
    }

    mutating func transmit(
        _ length: Int, on interface: InterfaceID, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) { frames += 1 }
}

@Suite struct RoomTests {
    private func connect(_ pair: StackPair) throws -> (left: ConnectionID, right: ConnectionID) {
        let listener = try pair.right.stack.listen(on: 80, backlog: 4)
        let connection = try pair.left.stack.connect(to: Endpoint(pair.right.address, 80), now: pair.now)
        var accepted: ConnectionID?
        pair.run {
            accepted = accepted ?? pair.right.stack.accept(from: listener)
            return accepted != nil && pair.left.state(connection) == .established
        }
        return (connection, try #require(accepted))
    }

    @Test func `a time that has come while there is no room is not put off for ever, and ends the round`() throws {
        let pair = StackPair()
        let ends = try connect(pair)
        _ = try pair.left.write([1, 2, 3], to: ends.left)
        // The segment arrives, and its acknowledgement is put off.
        pair.run(for: .milliseconds(10))
        #expect(pair.right.stack.deadline != .never)
        pair.now = pair.right.stack.deadline + .milliseconds(1)
        var sink = FullSink()
        pair.right.stack.advance(to: pair.now, into: &sink)
        #expect(sink.questions <= 2)
        let isWaiting = pair.right.stack.isWaitingForRoom
        #expect(isWaiting)
        // A round later nothing is due that has been seen to.
        #expect(pair.right.stack.deadline > pair.now)
        // With room, everything goes on.
        pair.run(for: .seconds(5))
        let isStillWaiting = pair.right.stack.isWaitingForRoom
        #expect(!isStillWaiting)
        #expect(pair.left.stack.ask(ends.left) { $0.unacknowledgedCount } == 0)
        #expect(pair.left.stack.statistics.sentSegments < 10)
    }
}
