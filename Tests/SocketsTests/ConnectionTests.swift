import Interfaces
import Network
import Runtime
import Sockets
import TaskBench
import Testing

/// A connection from the left host to the right one, both its ends.
private func connect(_ pair: HostPair, _ port: Port = 5000) throws -> (left: TCPConnection, right: TCPConnection) {
    let listener = try pair.right.listen(on: port)
    let left = try pair.left.connect(to: Endpoint(HostPair.rightAddress, port))
    return (left, try listener.accept())
}

@Suite struct ConnectionTests {
    @Test(arguments: [0, 20, 100], [1, 2, 3] as [UInt64])
    func `what is written is read in order, whatever is lost, and then the end`(loss: Int, seed: UInt64) throws {
        try HostPair.run(seed: seed) { (pair) throws in
            let bytes = pattern(200_000)
            let (left, right) = try connect(pair)
            pair.cable.loss = loss
            let writer = try Task.spawn("writer") { () throws(TaskError) in
                try? left.write(bytes)
                left.finish()
            }
            #expect(try right.readAll() == bytes)
            try writer.join()
            #expect(loss == 0 || pair.cable.lost > 0)
        }
    }

    @Test func `both ends know each other, and what they lie in`() throws {
        try HostPair.run { (pair) throws in
            let (left, right) = try connect(pair)
            #expect(left.endpoints?.remote == Endpoint(HostPair.rightAddress, 5000))
            #expect(right.endpoints?.remote == left.endpoints?.local)
            #expect(left.state == .established && right.state == .established)
        }
    }

    @Test func `reading and accepting end at the deadline, and can be tried again`() throws {
        try HostPair.run { (pair) throws in
            let (left, right) = try connect(pair)
            let deadline = SystemTime.now + .milliseconds(300)
            #expect(failure { () throws(SocketError) in _ = try right.readSome(until: deadline) } == .timedOut)
            #expect(SystemTime.now >= deadline)
            try left.write([1, 2, 3])
            #expect(try right.readSome() == [1, 2, 3])
            let listener = try pair.right.listen(on: 6000)
            let later = SystemTime.now + .milliseconds(10)
            #expect(failure { () throws(SocketError) in _ = try listener.accept(until: later) } == .timedOut)
        }
    }

    @Test func `writing ends at the deadline when nobody reads`() throws {
        try HostPair.run { (pair) throws in
            let (left, right) = try connect(pair)
            let deadline = SystemTime.now + .seconds(1)
            let bytes = pattern(4 << 20)
            #expect(failure { () throws(SocketError) in try left.write(bytes, until: deadline) } == .timedOut)
            #expect(right.readableCount > 0)
        }
    }

    @Test func `a task that is cancelled stops reading and writing, and the connection stays`() throws {
        try HostPair.run { (pair) throws in
            let (left, right) = try connect(pair)
            var errors: [SocketError?] = []
            let reader = try Task.spawn("reader") { () throws(TaskError) in
                errors.append(failure { () throws(SocketError) in _ = try left.readSome() })
            }
            let writer = try Task.spawn("writer") { () throws(TaskError) in
                let bytes = pattern(4 << 20)
                errors.append(failure { () throws(SocketError) in try left.write(bytes) })
            }
            try Task.sleep(for: .seconds(1))
            reader.cancel()
            writer.cancel()
            try reader.join()
            try writer.join()
            #expect(errors == [.cancelled, .cancelled])
            try right.write([9])
            #expect(try left.readSome() == [9])
        }
    }

    @Test func `after finish the other direction goes on`() throws {
        try HostPair.run { (pair) throws in
            let (left, right) = try connect(pair)
            try left.write([1])
            left.finish()
            #expect(try right.readAll() == [1])
            #expect(failure { () throws(SocketError) in try left.write([2]) } == .closed)
            try right.write(pattern(50_000))
            right.finish()
            #expect(try left.readAll() == pattern(50_000))
        }
    }

    @Test func `letting go sends what was written`() throws {
        try HostPair.run { (pair) throws in
            pair.cable.loss = 50
            let listener = try pair.right.listen(on: 5000)
            do {
                let left = try pair.left.connect(to: Endpoint(HostPair.rightAddress, 5000))
                try left.write(pattern(60_000))
            }
            #expect(try listener.accept().readAll() == pattern(60_000))
        }
    }

    @Test func `a connection let go with linger is given up at that time`() throws {
        try HostPair.run { (pair) throws in
            let listener = try pair.right.listen(on: 5000)
            do {
                let left = try pair.left.connect(to: Endpoint(HostPair.rightAddress, 5000))
                left.linger = .seconds(2)
                pair.cable.isPlugged = false
                try left.write([1])
            }
            #expect(pair.left.stack.connectionCount == 1)
            try Task.sleep(for: .seconds(3))
            #expect(pair.left.stack.connectionCount == 0)
            _ = try listener.accept()
        }
    }

    @Test func `an abort resets the other end, in the middle of its waiting`() throws {
        try HostPair.run { (pair) throws in
            let (left, right) = try connect(pair)
            var error: SocketError?
            let reader = try Task.spawn("reader") { () throws(TaskError) in
                error = failure { () throws(SocketError) in _ = try right.readSome() }
            }
            try Task.sleep(for: .milliseconds(10))
            left.abort()
            try reader.join()
            #expect(error == .reset)
            #expect(failure { () throws(SocketError) in try right.write([1]) } == .reset)
            #expect(failure { () throws(SocketError) in try left.write([1]) } == .aborted)
        }
    }

    @Test func `a port where nobody listens refuses, and so does one whose listener is gone`() throws {
        try HostPair.run { (pair) throws in
            let remote = Endpoint(HostPair.rightAddress, 5000)
            let connecting = { () throws(SocketError) in _ = try pair.left.connect(to: remote) }
            #expect(failure(connecting) == .refused)
            var waiting: TCPConnection?
            do {
                let listener = try pair.right.listen(on: 5000)
                #expect(failure { () throws(SocketError) in _ = try pair.right.listen(on: 5000) } == .inUse)
                waiting = try pair.left.connect(to: remote)
                _ = listener
            }
            // It was never accepted.
            #expect(failure { () throws(SocketError) in _ = try waiting!.readSome() } == .reset)
            #expect(failure(connecting) == .refused)
        }
    }

    @Test func `a host that is not there is unreachable, and one without a route at once`() throws {
        try HostPair.run { (pair) throws in
            let absent = Endpoint(IPv4Address(10, 0, 0, 77), 80)
            #expect(failure { () throws(SocketError) in _ = try pair.left.connect(to: absent) } == .unreachable)
            let far = Endpoint(IPv4Address(192, 0, 2, 1), 80)
            #expect(failure { () throws(SocketError) in _ = try pair.left.connect(to: far) } == .unreachable)
        }
    }

    @Test func `connecting ends at its deadline`() throws {
        try HostPair.run { (pair) throws in
            pair.cable.isPlugged = false
            let deadline = SystemTime.now + .milliseconds(500)
            let remote = Endpoint(HostPair.rightAddress, 80)
            #expect(
                failure { () throws(SocketError) in _ = try pair.left.connect(to: remote, until: deadline) }
                    == .timedOut)
            try Task.sleep(for: .seconds(1))
            #expect(pair.left.stack.connectionCount == 0)
        }
    }

    @Test func `a transfer goes on when the cable comes back`() throws {
        try HostPair.run { (pair) throws in
            let (left, right) = try connect(pair)
            let bytes = pattern(3_000_000)
            let writer = try Task.spawn("writer") { () throws(TaskError) in
                try? left.write(bytes)
                left.finish()
            }
            let plug = try Task.spawn("plug") { () throws(TaskError) in
                try Task.sleep(for: .milliseconds(5))
                pair.cable.isPlugged = false
                try Task.sleep(for: .seconds(3))
                pair.cable.isPlugged = true
            }
            #expect(try right.readAll(piece: 50_000) == bytes)
            try writer.join()
            try plug.join()
        }
    }

    @Test func `a hundred tasks talk at once`() throws {
        try HostPair.run { (pair) throws in
            pair.cable.loss = 10
            let listener = try pair.right.listen(on: 7)
            let server = try Task.spawn("server") { () throws(TaskError) in
                while let connection = try? listener.accept() {
                    try Task.spawn("echo") { () throws(TaskError) in
                        while let some = try? connection.readSome(), !some.isEmpty { try? connection.write(some) }
                    }.detach()
                }
            }
            var right = 0
            var done = 0
            for number in 0..<100 {
                try Task.spawn("client") { () throws(TaskError) in
                    defer { done += 1 }
                    let bytes = pattern(1000 + 37 * number)
                    guard let connection = try? pair.left.connect(to: Endpoint(HostPair.rightAddress, 7)),
                        (try? connection.write(bytes)) != nil
                    else { return }
                    connection.finish()
                    if (try? connection.readAll()) == bytes { right += 1 }
                }.detach()
            }
            while done < 100 { try Task.sleep(for: .milliseconds(10)) }
            #expect(right == 100)
            server.cancel()
            try server.join()
            // The last of the echoes ends.
            try Task.sleep(for: .seconds(1))
        }
    }

    @Test func `an address that is taken away ends its connections`() throws {
        try HostPair.run { (pair) throws in
            let (left, _) = try connect(pair)
            pair.left.setAddress(nil, gateway: nil)
            #expect(failure { () throws(SocketError) in _ = try left.readSome() } == .aborted)
        }
    }
}
