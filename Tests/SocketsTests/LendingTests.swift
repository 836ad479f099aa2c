import Interfaces
import Network
import Runtime
import Sockets
import TaskBench
import Testing

private func connect(_ pair: HostPair) throws -> (left: TCPConnection, right: TCPConnection) {
    let listener = try pair.right.listen(on: 5000)
    let left = try pair.left.connect(to: Endpoint(HostPair.rightAddress, 5000))
    return (left, try listener.accept())
}

@Suite struct LendingTests {
    @Test(arguments: [0, 50], [1, 2, 3] as [UInt64])
    func `what is lent arrives behind what was written and before what follows`(loss: Int, seed: UInt64) throws {
        try HostPair.run(seed: seed) { (pair) throws in
            let (left, right) = try connect(pair)
            pair.cable.loss = loss
            let (body, head) = (pattern(300_000), Array("head".utf8))
            var outcome: SocketError?
            let writer = try Task.spawn("writer") { () throws(TaskError) in
                outcome = failure { () throws(SocketError) in
                    try left.write([1, 2])
                    try left.send(head.span.bytes, lending: body.span.bytes)
                    // Nobody holds the memory any more.
                    try left.write([3])
                }
                left.finish()
            }
            #expect(try right.readAll() == [1, 2] + head + body + [3])
            try writer.join()
            #expect(outcome == nil)
        }
    }

    @Test func `lending takes no memory of the stack, and a head leaves with it`() throws {
        try HostPair.run { (pair) throws in
            let (left, right) = try connect(pair)
            let before = pair.left.stack.statistics.sentSegments
            let (head, body): ([UInt8], [UInt8]) = ([7, 7], pattern(1000))
            var sent: UInt64 = 0
            let writer = try Task.spawn("writer") { () throws(TaskError) in
                try? left.send(head.span.bytes, lending: body.span.bytes)
                sent = pair.left.stack.statistics.sentSegments - before
            }
            let arrived = try right.readSome()
            #expect(arrived == head + body)
            try writer.join()
            #expect(sent <= 2)
            #expect(pair.left.stack.bufferedBytes <= 128 << 10)
        }
    }

    @Test func `two tasks that lend take turns`() throws {
        try HostPair.run { (pair) throws in
            let (left, right) = try connect(pair)
            let bodies = [[UInt8](repeating: 1, count: 100_000), [UInt8](repeating: 2, count: 100_000)]
            var running = 2
            for body in bodies {
                try Task.spawn("lender") { () throws(TaskError) in
                    try? left.send(lending: body.span.bytes)
                    running -= 1
                    if running == 0 { left.finish() }
                }.detach()
            }
            // Which is the first is not promised.
            let received = try right.readAll()
            #expect(received == bodies[0] + bodies[1] || received == bodies[1] + bodies[0])
        }
    }

    @Test(arguments: [false, true])
    func `a loan that ends early is copied where there is room, and else ends the connection`(fits: Bool) throws {
        try HostPair.run { (pair) throws in
            let (left, right) = try connect(pair)
            try left.write([1])
            #expect(try right.readSome() == [1])
            pair.cable.isPlugged = false
            let body = pattern(fits ? 20_000 : 3_000_000)
            let deadline = SystemTime.now + .milliseconds(500)
            let outcome = failure { () throws(SocketError) in
                try left.send(lending: body.span.bytes, until: deadline)
            }
            #expect(outcome == .timedOut)
            #expect(left.failure == (fits ? nil : .aborted))
            pair.cable.isPlugged = true
            if fits {
                left.finish()
                #expect(try right.readAll() == body)
            }
        }
    }

    @Test func `cancelling ends a loan`() throws {
        try HostPair.run { (pair) throws in
            let (left, _) = try connect(pair)
            pair.cable.isPlugged = false
            let body = pattern(20_000)
            var outcome: SocketError?
            let writer = try Task.spawn("writer") { () throws(TaskError) in
                outcome = failure { () throws(SocketError) in try left.send(lending: body.span.bytes) }
            }
            try Task.sleep(for: .milliseconds(100))
            writer.cancel()
            try writer.join()
            #expect(outcome == .cancelled)
            #expect(left.failure == nil)
        }
    }

    @Test func `a reset ends a loan with its error`() throws {
        try HostPair.run { (pair) throws in
            let (left, right) = try connect(pair)
            let body = pattern(3_000_000)
            var outcome: SocketError?
            let writer = try Task.spawn("writer") { () throws(TaskError) in
                outcome = failure { () throws(SocketError) in try left.send(lending: body.span.bytes) }
            }
            try Task.sleep(for: .milliseconds(100))
            right.abort()
            try writer.join()
            #expect(outcome == .reset)
        }
    }

    @Test func `pieces that are written together leave together`() throws {
        try HostPair.run { (pair) throws in
            let (left, right) = try connect(pair)
            let before = pair.left.stack.statistics.sentSegments
            let (first, second, third): ([UInt8], [UInt8], [UInt8]) = ([1], [2, 2], [3])
            try left.write(first.span.bytes, second.span.bytes, third.span.bytes, first.span.bytes)
            #expect(pair.left.stack.statistics.sentSegments == before + 1)
            let arrived = try right.readSome()
            #expect(arrived == [1, 2, 2, 3, 1])
        }
    }

    @Test func `what has arrived is spread over two pieces`() throws {
        try HostPair.run { (pair) throws in
            let (left, right) = try connect(pair)
            try left.write(pattern(10))
            while right.readableCount < 10 { try Task.sleep(for: .milliseconds(1)) }
            var (first, second) = ([UInt8](repeating: 0, count: 4), [UInt8](repeating: 0, count: 100))
            let count = try scatter(right, &first, &second)
            #expect(count == 10)
            #expect(first + second[..<6] == pattern(10))
        }
    }

    private func scatter(
        _ connection: TCPConnection, _ first: inout [UInt8], _ second: inout [UInt8]
    ) throws(SocketError) -> Int {
        var one = first.mutableSpan
        var oneRaw = one.mutableBytes
        var other = second.mutableSpan
        var otherRaw = other.mutableBytes
        return try connection.read(into: &oneRaw, &otherRaw)
    }
}
