import DNS
import Interfaces
import MDNS
import Network
import Runtime
import Sockets
import TaskBench
import Testing
import ZeroConfiguration

/// The names of 10.0.0.2 as 10.0.0.1 sees them, in virtual time.
@Suite struct LocalNamesTests {
    private static let name = DNSName("apus.local")!

    private func run(_ body: (HostPair, LocalNames) throws -> Void) throws {
        try HostPair.run { pair in
            let names = LocalNames(pair.right, on: InterfaceID(rawValue: 1), "apus")
            let task = try Task.spawn("names") { () throws(TaskError) in try? names.run() }
            try Task.sleep(for: .seconds(5))
            try body(pair, names)
            task.cancel()
            try? task.join()
        }
    }

    private func ask(_ socket: UDPSocket) throws {
        var query = MDNSMessage()
        query.questions = [MDNSQuestion(Self.name, .a)]
        try socket.send(query.encoded.span.bytes, to: MDNSMessage.group)
    }

    private func isAnswered(_ socket: UDPSocket) throws -> Bool {
        var bytes = [UInt8](repeating: 0, count: 2000)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        return (try? socket.receive(into: &raw, until: SystemTime.now + .seconds(2))) != nil
    }

    @Test func `askers that are gone before the answer comes make nobody deaf`() throws {
        try run { pair, names in
            #expect(names.name == Self.name)
            // An answer is on its way back when the next query leaves: what says that nobody is there for it arrives together with that query.
            for _ in 0..<60 {
                try ask(try pair.left.openUDP())
                try Task.sleep(for: .nanoseconds(2 * pair.cable.delay.nanoseconds))
            }
            try Task.sleep(for: .seconds(1))
            let socket = try pair.left.openUDP()
            try ask(socket)
            #expect(try isAnswered(socket))
        }
    }

    @Test func `a link that was away is another one: probes, announcements, and the group's report go out again`()
        throws
    {
        try run { pair, names in
            let listener = try pair.left.openUDP(on: MDNSMessage.port)
            let group = try #require(MDNSMessage.group.address.v4)
            let interface = InterfaceID(rawValue: 1)
            try pair.left.withStack { (stack, now, sink) throws(StackError) in
                try stack.join(group, on: interface, now: now, into: &sink)
            }
            let before = pair.right.device(of: interface)!.statistics.transmittedFrames
            pair.cable.isPlugged = false
            try Task.sleep(for: .seconds(2))
            pair.cable.isPlugged = true
            var messages: [MDNSMessage] = []
            while let message = try next(listener, within: .seconds(2)) { messages.append(message) }
            #expect(messages.map(\.isResponse) == [false, false, false, true, true])
            #expect(names.name == Self.name)
            // Five messages, and reports until another member has said the same.
            let sent = pair.right.device(of: interface)!.statistics.transmittedFrames - before
            #expect(sent > 5)
        }
    }

    @Test(arguments: [true, false]) func `an answer counts when everybody hears it, from the port`(isFromPort: Bool)
        throws
    {
        try run { pair, names in
            let other = DNSName("other.local")!
            let sender = try pair.left.openUDP(on: isFromPort ? MDNSMessage.port : 5354)
            var found: IPv4Address?
            let task = try Task.spawn("seeker") { () throws(TaskError) in found = (try? names.address(of: other)) ?? nil
            }
            try Task.sleep(for: .milliseconds(1))
            var message = MDNSMessage()
            message.isResponse = true
            message.answers = [MDNSRecord(other, timeToLive: 120, .a(IPv4Address(10, 0, 0, 66)), isUnique: true)]
            let bytes = message.encoded
            // For this host alone: a stranger can send that too.
            try sender.send(bytes.span.bytes, to: Endpoint(HostPair.rightAddress, MDNSMessage.port))
            try Task.sleep(for: .milliseconds(1))
            #expect(found == nil)
            try sender.send(bytes.span.bytes, to: MDNSMessage.group)
            try task.join()
            #expect(found == (isFromPort ? IPv4Address(10, 0, 0, 66) : nil))
        }
    }

    private func next(_ socket: UDPSocket, within time: Interval) throws -> MDNSMessage? {
        var bytes = [UInt8](repeating: 0, count: 2000)
        var length = 0
        do {
            var span = bytes.mutableSpan
            var raw = span.mutableBytes
            guard let datagram = try? socket.receive(into: &raw, until: SystemTime.now + time) else { return nil }
            length = datagram.length
        }
        return try MDNSMessage(parsing: bytes.span.bytes.extracting(0..<length))
    }
}
