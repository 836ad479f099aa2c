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
}
