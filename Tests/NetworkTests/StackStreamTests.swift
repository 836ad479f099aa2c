import Interfaces
import Testing

@testable import Network

/// A stream from one host to the other and back: what is sent, what has arrived.
private final class Stream {
    let host: StackHost
    let connection: ConnectionID
    let total: Int
    let salt: Int
    var written = 0
    var received = 0
    var isWrong = false
    var isAtEnd = false
    var error: TCPError?
    private var hasFinished = false

    init(_ host: StackHost, _ connection: ConnectionID, total: Int, salt: Int) {
        self.host = host
        self.connection = connection
        self.total = total
        self.salt = salt
    }

    static func byte(_ index: Int, _ salt: Int) -> UInt8 { UInt8(truncatingIfNeeded: index &* 31 ^ index >> 8 ^ salt) }

    func act() {
        do throws(TCPError) {
            while written < total {
                let bytes = (written..<min(written + 4096, total)).map { Self.byte($0, salt) }
                let count = try host.write(bytes, to: connection)
                written += count
                if count < bytes.count { break }
            }
            if written == total, !hasFinished {
                hasFinished = true
                try host.stack.withConnection(connection) { $0.close() }
            }
            while true {
                let bytes = try host.read(connection)
                if bytes.isEmpty { break }
                for byte in bytes {
                    if byte != Self.byte(received, salt ^ 0xFF) { isWrong = true }
                    received += 1
                }
            }
            if host.stack.ask(connection, { $0.isAtEnd }) == true { isAtEnd = true }
        } catch {
            self.error = error
        }
    }

    var isDone: Bool { error != nil || (isAtEnd && written == total) }
}

struct StackStreamTests {
    /// Opens a connection from left to right, port 80.
    private func connect(_ pair: StackPair, listener: ListenerID) throws -> (left: ConnectionID, right: ConnectionID) {
        let connection = try pair.left.stack.connect(to: Endpoint(pair.right.address, 80), now: pair.now)
        var accepted: ConnectionID?
        pair.run {
            accepted = accepted ?? pair.right.stack.accept(from: listener)
            return accepted != nil && pair.left.state(connection) == .established
        }
        return (connection, try #require(accepted))
    }

    @Test(arguments: 0..<60)
    func `every byte arrives once and in order over a bad cable, and nothing is left behind`(seed: Int) throws {
        var random = Seeded(seed)
        var faults = FaultInjector.Faults()
        (faults.loss, faults.duplication) = (random.below(100), random.below(50))
        (faults.corruption, faults.reordering) = (random.below(30), random.below(100))
        faults.delay = .microseconds(UInt64(random.below(50_000)))
        faults.jitter = .microseconds(UInt64(random.below(5_000)))
        let pair = StackPair(faults, seed: UInt64(seed))
        let listener = try pair.right.stack.listen(on: 80, backlog: 4)
        let ends = try connect(pair, listener: listener)
        let left = Stream(pair.left, ends.left, total: random.below(200_000), salt: 1)
        let right = Stream(pair.right, ends.right, total: random.below(200_000), salt: 0xFE)
        pair.run(for: .seconds(3600)) {
            left.act()
            right.act()
            return left.isDone && right.isDone
        }
        for (one, other) in [(left, right), (right, left)] {
            #expect(one.error == nil && !one.isWrong && one.received == other.total)
        }
        pair.left.stack.release(ends.left, now: pair.now)
        pair.right.stack.release(ends.right, now: pair.now)
        pair.run(for: .seconds(300))
        #expect(pair.left.stack.connectionCount == 0 && pair.right.stack.connectionCount == 0)
    }

    @Test func `a port where nobody listens refuses`() throws {
        let pair = StackPair()
        let connection = try pair.left.stack.connect(to: Endpoint(pair.right.address, 81), now: pair.now)
        pair.run(for: .seconds(5))
        #expect(pair.left.stack.ask(connection) { $0.error } == .refused)
    }

    @Test func `a neighbour that does not answer is unreachable, after seconds and not minutes`() throws {
        let pair = StackPair()
        let connection = try pair.left.stack.connect(to: Endpoint(IPv4Address(10, 0, 0, 77), 80), now: pair.now)
        pair.run(for: .seconds(15))
        #expect(pair.left.stack.ask(connection) { $0.error } == .unreachable)
    }

    @Test func `a connection to this host itself carries data`() throws {
        let pair = StackPair()
        let host = pair.left
        let listener = try host.stack.listen(on: 80, backlog: 4)
        let connection = try host.stack.connect(to: Endpoint(.loopback, 80), now: pair.now)
        host.stack.flush(pair.now, into: &host.cable)
        let found = host.stack.accept(from: listener)
        let accepted = try #require(found)
        let left = Stream(host, connection, total: 500_000, salt: 1)
        let right = Stream(host, accepted, total: 500_000, salt: 0xFE)
        #expect(
            pair.run(for: .seconds(60)) {
                left.act()
                right.act()
                return left.isDone && right.isDone
            })
        #expect(left.received == 500_000 && right.received == 500_000 && !left.isWrong && !right.isWrong)
    }

    @Test func `a cable that is pulled and put back in goes on where it was`() throws {
        var faults = FaultInjector.Faults()
        faults.delay = .milliseconds(1)
        let pair = StackPair(faults)
        let listener = try pair.right.stack.listen(on: 80, backlog: 4)
        let ends = try connect(pair, listener: listener)
        let left = Stream(pair.left, ends.left, total: 3_000_000, salt: 1)
        let right = Stream(pair.right, ends.right, total: 0, salt: 0xFE)
        func act() -> Bool {
            left.act()
            right.act()
            return left.isDone && right.isDone
        }
        var isPulled = false
        pair.filter = { _, _ in !isPulled }
        #expect(!pair.run(for: .milliseconds(20)) { act() })
        isPulled = true
        for host in [pair.left, pair.right] { host.stack.setLink(isUp: false, of: host.interface, now: pair.now) }
        let before = right.received
        #expect(!pair.run(for: .seconds(30)) { act() })
        isPulled = false
        for host in [pair.left, pair.right] { host.stack.setLink(isUp: true, of: host.interface, now: pair.now) }
        let start = pair.now
        #expect(pair.run(for: .seconds(60)) { act() })
        #expect(right.received == 3_000_000 && before < 3_000_000 && !right.isWrong)
        #expect(pair.now - start < .seconds(5), "the transfer waited for a timer that had backed off")
    }

    @Test func `an address that changes ends its connections and no others`() throws {
        let pair = StackPair()
        let listener = try pair.right.stack.listen(on: 80, backlog: 4)
        let ends = try connect(pair, listener: listener)
        let host = pair.left
        let inside = try host.stack.listen(on: 80, backlog: 4)
        let own = try host.stack.connect(to: Endpoint(.loopback, 80), now: pair.now)
        host.stack.flush(pair.now, into: &host.cable)
        _ = host.stack.accept(from: inside)
        host.stack.setAddress(
            InterfaceAddress(IPv4Address(10, 0, 0, 9), prefixLength: 24), of: host.interface, now: pair.now,
            into: &host.cable)
        #expect(host.stack.ask(ends.left) { $0.error } == .aborted)
        #expect(host.state(own) == .established)
        let again = try host.stack.connect(to: Endpoint(pair.right.address, 80), now: pair.now)
        pair.run(for: .seconds(5))
        #expect(host.state(again) == .established)
    }

    @Test func `connections one after the other leave a bounded number in TIME-WAIT`() throws {
        var configuration = NetworkStack.Configuration()
        configuration.maximumTimeWaits = 50
        let pair = StackPair(configuration: configuration)
        let listener = try pair.right.stack.listen(on: 80, backlog: 4)
        for _ in 0..<300 {
            let ends = try connect(pair, listener: listener)
            // The side that closes first gets TIME-WAIT.
            pair.left.stack.release(ends.left, now: pair.now)
            pair.run(for: .milliseconds(100))
            pair.right.stack.release(ends.right, now: pair.now)
            pair.run(for: .milliseconds(100))
        }
        #expect(pair.left.stack.connectionCount == 0 && pair.right.stack.connectionCount == 0)
        #expect(pair.left.stack.timeWaitCount == 50 && pair.right.stack.timeWaitCount == 0)
        #expect(pair.left.stack.bufferedBytes == 0 && pair.right.stack.bufferedBytes == 0)
        pair.run(for: .seconds(100))
        #expect(pair.left.stack.timeWaitCount == 0)
    }

    @Test func `buffers that lie idle are given back, and come again`() throws {
        let pair = StackPair()
        let listener = try pair.right.stack.listen(on: 80, backlog: 4)
        let ends = try connect(pair, listener: listener)
        for _ in 0..<3 {
            _ = try pair.left.write([42], to: ends.left)
            pair.run(for: .milliseconds(500))
            #expect(try pair.right.read(ends.right) == [42])
            #expect(pair.left.stack.bufferedBytes > 0 && pair.right.stack.bufferedBytes > 0)
            pair.run(for: .seconds(10))
            #expect(pair.left.stack.bufferedBytes == 0 && pair.right.stack.bufferedBytes == 0)
        }
    }

    @Test func `an idle connection takes little memory`() {
        #expect(MemoryLayout<ConnectionRecord>.stride <= 1024)
    }

    @Test func `a flood of SYNs leaves room for those that mean it`() throws {
        let pair = StackPair()
        let listener = try pair.right.stack.listen(on: 80, backlog: 16)
        let ends = try connect(pair, listener: listener)
        var random = Seeded(3)
        let host = pair.right
        var sink = FaultInjector(FaultInjector.Faults(), seed: 1)
        for _ in 0..<20_000 {
            let source = IPv4Address(10, 0, 0, UInt8(3 + random.below(200)))
            let segment = SegmentHeader(sequence: SequenceNumber(random.next(UInt32.self)), flags: .syn, window: 1000)
            let port = Port(rawValue: UInt16(1024 + random.below(60000)))
            let frame = segmentFrame(segment, from: Endpoint(source, port), to: Endpoint(host.address, 80), host)
            host.stack.receive(frame.span.bytes, checksum: .unknown, on: host.interface, now: pair.now, into: &sink)
        }
        #expect(host.stack.connectionCount <= 17 && host.stack.statistics.sentCookies > 19_000)
        let late = try connect(pair, listener: listener)
        for (connection, other) in [(ends.left, ends.right), (late.left, late.right)] {
            _ = try pair.left.write([42], to: connection)
            pair.run(for: .seconds(1))
            #expect(try host.read(other) == [42])
        }
    }

    /// Two hosts whose left one has sent its SYN twice: a cookie answers the first, and, once there is room, a handshake the second. Neither
    /// answer has arrived; `cookie` is the frame of the first.
    private func answeredTwice() throws -> (
        pair: StackPair, listener: ListenerID, connection: ConnectionID, cookie: [UInt8]
    ) {
        let pair = StackPair()
        let listener = try pair.right.stack.listen(on: 80, backlog: 1)
        // A handshake that takes the only room, and ends by a reset before the second SYN.
        let other = Endpoint(IPv4Address(10, 0, 0, 9), 999)
        var sink = FaultInjector(FaultInjector.Faults(), seed: 1)
        func deliver(_ segment: SegmentHeader) {
            let frame = segmentFrame(segment, from: other, to: Endpoint(pair.right.address, 80), pair.right)
            pair.right.stack.receive(
                frame.span.bytes, checksum: .unknown, on: pair.right.interface, now: pair.now, into: &sink)
        }
        deliver(SegmentHeader(sequence: SequenceNumber(100), flags: .syn, window: 1000))
        let connection = try pair.left.stack.connect(to: Endpoint(pair.right.address, 80), now: pair.now)
        var synAnswers: [[UInt8]] = []
        pair.filter = { toLeft, frame in
            guard toLeft, frame.byteCount >= 54, frame.byte(23) == 6, frame.byte(47) & 0x12 == 0x12 else { return true }
            synAnswers.append((0..<frame.byteCount).map { frame.byte($0) })
            return false
        }
        pair.run(for: .milliseconds(500))
        #expect(synAnswers.count == 1 && pair.right.stack.statistics.sentCookies == 1)
        deliver(SegmentHeader(sequence: SequenceNumber(101), flags: .rst))
        pair.run(until: { synAnswers.count == 2 })
        #expect(pair.right.stack.statistics.sentCookies == 1 && pair.right.stack.connectionCount == 1)
        return (pair, listener, connection, synAnswers[0])
    }

    @Test func `what stands behind a lost proof of a cookie resets no handshake`() throws {
        let (pair, listener, connection, late) = try answeredTwice()
        // Now the first answer arrives, which has been on its way all the time; what proves it gets lost, what stands behind it does not.
        let host = pair.left
        host.stack.receive(
            late.span.bytes, checksum: .unknown, on: host.interface, now: pair.now, into: &host.cable)
        var (dropped, resets) = (0, 0)
        pair.filter = { toLeft, frame in
            if toLeft, frame.byteCount >= 54, frame.byte(23) == 6, frame.byte(47) & 4 != 0 { resets += 1 }
            if toLeft || dropped == 2 { return true }
            dropped += 1
            return false
        }
        _ = try host.write([UInt8](repeating: 42, count: 4000), to: connection)
        pair.run(for: .seconds(10))
        #expect(dropped == 2)
        #expect(resets == 0)
        #expect(host.state(connection) == .established)
        let offered = pair.right.stack.accept(from: listener)
        let accepted = try #require(offered)
        #expect(try pair.right.read(accepted).count == 4000)
    }

    @Test func `the answer that comes first counts, when a SYN that comes again finds room`() throws {
        let (pair, listener, connection, late) = try answeredTwice()
        // Now the first answer arrives, which has been on its way all the time.
        pair.filter = nil
        let host = pair.left
        host.stack.receive(
            late.span.bytes, checksum: .unknown, on: host.interface, now: pair.now, into: &host.cable)
        pair.run(for: .seconds(1))
        #expect(host.state(connection) == .established)
        let offered = pair.right.stack.accept(from: listener)
        let accepted = try #require(offered)
        _ = try host.write([42], to: connection)
        pair.run(for: .seconds(1))
        #expect(try pair.right.read(accepted) == [42])
    }

    @Test func `a SYN to TIME-WAIT where nobody listens is challenged`() throws {
        let pair = StackPair()
        let listener = try pair.right.stack.listen(on: 80, backlog: 4)
        let ends = try connect(pair, listener: listener)
        let endpoints = pair.left.stack.endpoints(of: ends.left)!
        pair.left.stack.release(ends.left, now: pair.now)
        pair.run(for: .milliseconds(100))
        pair.right.stack.release(ends.right, now: pair.now)
        pair.run(for: .milliseconds(100))
        #expect(pair.left.stack.timeWaitCount == 1)
        let syn = SegmentHeader(sequence: SequenceNumber(0x7000_0000), flags: .syn, window: 1000)
        var answers: [SegmentHeader] = []
        pair.filter = { toLeft, frame in
            if !toLeft, frame.byteCount >= 54, frame.byte(23) == 6 {
                let packet = frame.extracting(34..<frame.byteCount)
                if let tcp = try? TCPHeader(parsing: packet, from: pair.left.address, to: pair.right.address) {
                    answers.append(tcp.segment)
                }
                // The other end, which knows of nothing any more, would end TIME-WAIT by a reset.
                return false
            }
            return true
        }
        // One number of two on either side of what was used is the higher one.
        for number in [syn.sequence, syn.sequence + 0x7FFF_FFFF] {
            var attempt = syn
            attempt.sequence = number
            let frame = segmentFrame(attempt, from: endpoints.remote, to: endpoints.local, pair.left)
            pair.left.cable.now = pair.now
            pair.left.stack.receive(
                frame.span.bytes, checksum: .unknown, on: pair.left.interface, now: pair.now, into: &pair.left.cable)
            pair.run(for: .milliseconds(10))
        }
        #expect(answers.count == 2 && answers.allSatisfy { $0.flags == .ack })
    }

    private func segmentFrame(_ segment: SegmentHeader, from: Endpoint, to: Endpoint, _ host: StackHost) -> [UInt8] {
        let tcp = TCPHeader(from: from.port, to: to.port, segment)
        let (source, destination) = (from.address.v4!, to.address.v4!)
        return written(EthernetHeader.length + IPv4Header.length + tcp.dataOffset) { frame in
            EthernetHeader(
                destination: host.stack.hardwareAddress(of: host.interface),
                source: HardwareAddress(bits: 0x0200_0000_00FF),
                type: .ipv4
            ).emit(into: &frame)
            var packet = frame._mutatingExtracting(EthernetHeader.length..<frame.byteCount)
            IPv4Header(.tcp, from: source, to: destination, payloadLength: tcp.dataOffset).emit(into: &packet)
            var bytes = packet._mutatingExtracting(IPv4Header.length..<packet.byteCount)
            tcp.emit(into: &bytes, from: source, to: destination)
        }
    }
}
