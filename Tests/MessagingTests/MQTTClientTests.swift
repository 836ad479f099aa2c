import Interfaces
import MQTT
import Messaging
import Network
import Resolving
import Runtime
import Sockets
import TaskBench
import Testing

/// The client beside a broker that does what the test says, in virtual time.
@Suite struct MQTTClientTests {
    /// A broker that lets clients in and answers what it knows.
    private final class Broker {
        let listener: TCPListener
        var received: [[UInt8]] = []
        var connections = 0
        /// Whether the next message that is to be acknowledged ends the connection instead.
        var dropsNext = false
        var accepted: [UInt8] = [0x20, 3, 0, 0, 0]
        /// The connection that stands.
        var current: TCPConnection?

        init(_ host: IPHost) throws(SocketError) { listener = try host.listen(on: 1883) }

        func run() throws(SocketError) {
            while true {
                let connection = try listener.accept()
                connections += 1
                current = connection
                try? serve(connection)
                connection.finish()
            }
        }

        private func serve(_ connection: TCPConnection) throws(SocketError) {
            var bytes: [UInt8] = []
            while true {
                let piece = try read(connection)
                if piece.isEmpty { return }
                bytes += piece
                while bytes.count >= 2, bytes.count >= 2 + Int(bytes[1]) {
                    let packet = Array(bytes[..<(2 + Int(bytes[1]))])
                    bytes.removeFirst(packet.count)
                    received.append(packet)
                    guard let answer = answer(packet) else { return }
                    try connection.write(answer.span.bytes)
                }
            }
        }

        private func read(_ connection: TCPConnection) throws(SocketError) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: 512)
            var count = 0
            do {
                var span = bytes.mutableSpan
                var raw = span.mutableBytes
                count = try connection.read(into: &raw)
            }
            return Array(bytes[..<count])
        }

        private func answer(_ packet: [UInt8]) -> [UInt8]? {
            switch packet[0] >> 4 {
            case 1: return accepted
            case 3:
                guard packet[0] & 6 != 0 else { return [] }
                if dropsNext {
                    dropsNext = false
                    return nil
                }
                let end = 4 + Int(packet[3])
                return [packet[0] & 6 == 2 ? 0x40 : 0x50, 2, packet[end], packet[end + 1]]
            case 6: return [0x70, 2, packet[2], packet[3]]
            case 8: return [0x90, 4, packet[2], packet[3], 0, 1, 0x30, 5, 0, 1, 0x74, 0, 0x21]
            case 12: return [0xD0, 0]
            default: return []
            }
        }
    }

    private func run(_ body: (MQTTClient, Broker) throws -> Void) throws {
        try HostPair.run { pair in
            let broker = try Broker(pair.left)
            let brokerTask = try Task.spawn("broker") { () throws(TaskError) in try? broker.run() }
            var options = MQTTOptions()
            options.identifier = Array("me".utf8)
            let client = MQTTClient(pair.right, NameService(pair.right), broker: "10.0.0.1", options: options)
            let task = try Task.spawn("mqtt") { () throws(TaskError) in try client.run() }
            try body(client, broker)
            task.cancel()
            try? task.join()
            try Task.sleep(for: .seconds(1))
            brokerTask.cancel()
            try? brokerTask.join()
        }
    }

    private func message(_ quality: QualityOfService) -> MQTTMessage {
        MQTTMessage(Array("t".utf8), [0x78], quality: quality)
    }

    @Test func `publishing waits for the broker, and the farewell comes last`() throws {
        var last: [UInt8] = []
        var types: [UInt8] = []
        try run { client, broker in
            #expect(throws: MessagingError.notConnected) { try client.publish(message(.atMostOnce)) }
            try client.waitUntilConnected(until: SystemTime.now + .seconds(5))
            for quality in [QualityOfService.atMostOnce, .atLeastOnce, .exactlyOnce] {
                try client.publish(message(quality), until: SystemTime.now + .seconds(5))
            }
            #expect(client.pendingCount == 0)
            types = broker.received.map { $0[0] >> 4 }
            // An hour of silence is an hour of pings.
            try Task.sleep(for: .seconds(3600))
            #expect(client.connections == 1 && broker.received.count >= types.count + 59)
        }
        #expect(types == [1, 3, 3, 3, 6])
        last = []
        try run { client, broker in
            try client.waitUntilConnected()
            last = broker.received[0]
        }
        #expect(last[0] == 0x10)
    }

    @Test func `a message outlives its connection`() throws {
        try run { client, broker in
            broker.dropsNext = true
            try client.publish(message(.exactlyOnce), until: SystemTime.now + .seconds(30))
            #expect(client.connections == 2 && client.pendingCount == 0)
            broker.dropsNext = true
            #expect(throws: MessagingError.timedOut) {
                try client.publish(message(.atLeastOnce), until: SystemTime.now + .milliseconds(20))
            }
            try Task.sleep(for: .seconds(5))
            #expect(client.pendingCount == 0)
        }
    }

    @Test func `a reset ends a connection as a farewell does`() throws {
        try run { client, broker in
            var changes: [Bool] = []
            client.onChange = { changes.append($0) }
            try client.waitUntilConnected()
            broker.current?.abort()
            try Task.sleep(for: .milliseconds(100))
            #expect(!client.isConnected && client.lastFailure == .connection(.reset))
            try client.waitUntilConnected(until: SystemTime.now + .seconds(5))
            broker.current?.finish()
            try Task.sleep(for: .milliseconds(100))
            #expect(!client.isConnected && client.lastFailure == .connection(.closed))
            #expect(changes == [true, false, true, false])
        }
    }

    @Test func `what is subscribed to comes`() throws {
        try run { client, _ in
            var topics: [[UInt8]] = []
            client.onMessage = { topics.append($0.topic) }
            try client.subscribe(Array("t".utf8))
            #expect(throws: MessagingError.invalidTopic) { try client.subscribe(Array("t#".utf8)) }
            try Task.sleep(for: .seconds(2))
            #expect(topics == [Array("t".utf8)])
        }
    }

    @Test func `a broker that says no, or nonsense, is asked again, ever more rarely`() throws {
        for (answer, failure) in [
            ([0x20, 3, 0, 0x87, 0], MQTTClient.Failure.refused(.notAuthorized)),
            ([0xFF, 0], .broken(.malformedPacket)), ([0x20, 0x80, 0x80, 0x80, 0x80], .broken(.malformedPacket)),
            ([], .broken(.keepAliveTimeout)),
        ] as [([UInt8], MQTTClient.Failure)] {
            try run { client, broker in
                broker.accepted = answer
                try Task.sleep(for: .seconds(600))
                #expect(client.lastFailure == failure)
                #expect((8...30).contains(broker.connections), "\(broker.connections)")
                broker.accepted = [0x20, 3, 0, 0, 0]
                try client.waitUntilConnected(until: SystemTime.now + .seconds(100))
            }
        }
    }
}
