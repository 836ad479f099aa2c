import Interfaces
import Network
import Runtime
import Sockets
import TaskBench
import Testing

@Suite struct DatagramTests {
    @Test func `datagrams go both ways, with who sent them`() throws {
        try HostPair.run { (pair) throws in
            let server = try pair.right.openUDP(on: 53)
            let client = try pair.left.openUDP()
            #expect(client.port.isDynamic)
            try client.send(pattern(100).span.bytes, to: Endpoint(HostPair.rightAddress, 53))
            let (sender, bytes) = try server.receive()
            #expect(sender == Endpoint(HostPair.leftAddress, client.port))
            #expect(bytes == pattern(100))
            try server.send(pattern(1900).span.bytes, to: sender)
            #expect(try client.receive().bytes == pattern(1900))
        }
    }

    @Test func `receiving ends at the deadline and by cancellation`() throws {
        try HostPair.run { (pair) throws in
            let socket = try pair.left.openUDP()
            let deadline = SystemTime.now + .milliseconds(20)
            #expect(failure { () throws(SocketError) in _ = try socket.receive(until: deadline) } == .timedOut)
            var error: SocketError?
            let task = try Task.spawn("receiver") { () throws(TaskError) in
                error = failure { () throws(SocketError) in _ = try socket.receive() }
            }
            try Task.sleep(for: .milliseconds(1))
            task.cancel()
            try task.join()
            #expect(error == .cancelled)
        }
    }

    @Test func `a socket with one remote end is told that nobody is there, and takes nothing from others`() throws {
        try HostPair.run { (pair) throws in
            let socket = try pair.left.openUDP(remote: Endpoint(HostPair.rightAddress, 9))
            try socket.send([UInt8(1)].span.bytes, to: Endpoint(HostPair.rightAddress, 9))
            #expect(failure { () throws(SocketError) in _ = try socket.receive() } == .refused)
            let stranger = try pair.right.openUDP(on: 10)
            try stranger.send([UInt8(1)].span.bytes, to: Endpoint(HostPair.leftAddress, socket.port))
            let deadline = SystemTime.now + .milliseconds(20)
            #expect(failure { () throws(SocketError) in _ = try socket.receive(until: deadline) } == .timedOut)
        }
    }

    @Test(arguments: [true, false])
    func `what ICMP says is neither the end of the queue nor in its way, in either order`(isErrorFirst: Bool) throws {
        try HostPair.run { (pair) throws in
            let remote = Endpoint(HostPair.rightAddress, 9)
            let socket = try pair.left.openUDP(remote: remote)
            func loseOne() throws {
                try socket.send([UInt8(1)].span.bytes, to: remote)
                try Task.sleep(for: .milliseconds(5))
            }
            func answer() throws {
                let peer = try pair.right.openUDP(on: 9)
                try peer.send([UInt8(2)].span.bytes, to: Endpoint(HostPair.leftAddress, socket.port))
                try Task.sleep(for: .milliseconds(5))
            }
            if isErrorFirst { try loseOne() }
            try answer()
            if !isErrorFirst { try loseOne() }
            #expect(try socket.receive().bytes == [2])
            #expect(failure { () throws(SocketError) in _ = try socket.receive() } == .refused)
        }
    }

    @Test func `a socket that talks with many is not told that one of them is gone`() throws {
        try HostPair.run { (pair) throws in
            let socket = try pair.left.openUDP()
            try socket.send([UInt8(1)].span.bytes, to: Endpoint(HostPair.rightAddress, 9))
            let deadline = SystemTime.now + .milliseconds(20)
            #expect(failure { () throws(SocketError) in _ = try socket.receive(until: deadline) } == .timedOut)
        }
    }

    @Test func `a port is taken until its socket is let go`() throws {
        try HostPair.run { (pair) throws in
            do {
                let socket = try pair.left.openUDP(on: 53)
                #expect(failure { () throws(SocketError) in _ = try pair.left.openUDP(on: 53) } == .inUse)
                #expect(socket.port == 53)
            }
            #expect(try pair.left.openUDP(on: 53).port == 53)
        }
    }

    @Test func `an echo comes back with its number`() throws {
        try HostPair.run { (pair) throws in
            let echo = try pair.left.openEcho()
            try echo.send(pattern(56).span.bytes, sequence: 7, to: IPAddress(HostPair.rightAddress))
            var bytes = [UInt8](repeating: 0, count: 100)
            var span = bytes.mutableSpan
            var raw = span.mutableBytes
            let answer = try echo.receive(into: &raw)
            #expect(answer.sender == IPAddress(HostPair.rightAddress))
            #expect(answer.sequence == 7 && answer.length == 56)
            #expect(Array(bytes[..<56]) == pattern(56))
        }
    }
}
