import FileTransfer
import Interfaces
import Network
import Runtime
import Sockets
import TFTP
import TaskBench
import Testing

/// The client beside a server over a cable, in virtual time.
@Suite struct TFTPClientTests {
    private static let file = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    private static func receive(
        _ socket: UDPSocket, _ for: Interval = .seconds(60)
    ) throws(SocketError) -> (Endpoint, [UInt8]) {
        var bytes = [UInt8](repeating: 0, count: 2000)
        var result: (sender: Endpoint, length: Int)
        do {
            var span = bytes.mutableSpan
            var raw = span.mutableBytes
            result = try socket.receive(into: &raw, until: SystemTime.now + `for`)
        }
        return (result.sender, Array(bytes[..<result.length]))
    }

    /// A server that gives `file` in blocks of 512 bytes, and keeps what it is given.
    private final class Server {
        var kept: [UInt8] = []
        /// Every so many packets one is not answered.
        var losesEvery = Int.max
        private var count = 0

        func run(_ host: IPHost) throws(SocketError) {
            let main = try host.openUDP(on: TFTPClient.port)
            let (client, request) = try TFTPClientTests.receive(main)
            let socket = try host.openUDP(remote: client)
            var block = request[1] == 1 ? 1 : 0
            while true {
                var answer: [UInt8] = [0, 4, UInt8(block >> 8), UInt8(block & 255)]
                if request[1] == 1 {
                    let part = TFTPClientTests.file[((block - 1) * 512)...].prefix(512)
                    answer = [0, 3, UInt8(block >> 8), UInt8(block & 255)] + part
                }
                count += 1
                if count % losesEvery != 0 { try socket.send(answer.span.bytes, to: client) }
                let (_, packet) = try TFTPClientTests.receive(socket)
                let number = Int(packet[2]) << 8 | Int(packet[3])
                if packet[1] == 5 { return }
                if packet[1] == 4, number == block { block += 1 }
                if packet[1] == 4, (block - 1) * 512 > TFTPClientTests.file.count { return }
                if packet[1] == 3, number == block + 1 {
                    block += 1
                    kept += packet.dropFirst(4)
                }
            }
        }
    }

    private func run(losing: Int = .max, _ body: (TFTPClient, Server, HostPair) throws -> Void) throws {
        try HostPair.run { pair in
            let server = Server()
            server.losesEvery = losing
            let task = try Task.spawn("server") { () throws(TaskError) in try? server.run(pair.left) }
            try Task.sleep(for: .milliseconds(1))
            try body(TFTPClient(pair.right, server: IPAddress(HostPair.leftAddress)), server, pair)
            task.cancel()
            try? task.join()
            // The one that waits for a server without the last acknowledgement.
            try Task.sleep(for: .seconds(3))
        }
    }

    @Test(arguments: [Int.max, 3, 2]) func `a file comes whole, however many answers are lost`(_ losing: Int) throws {
        try run(losing: losing) { client, _, _ in
            var content: [UInt8] = []
            let count = try client.get(Array("a".utf8)) { block in
                content += block
                return true
            }
            #expect(content == Self.file && count == 10_000)
        }
    }

    @Test(arguments: [Int.max, 3, 2]) func `and goes whole`(_ losing: Int) throws {
        try run(losing: losing) { client, server, _ in
            var offset = 0
            let count = try client.put(Array("a".utf8), size: 10_000) { size in
                let part = Array(Self.file[offset...].prefix(size))
                offset += part.count
                return part
            }
            #expect(server.kept == Self.file && count == 10_000)
        }
    }

    @Test func `a stranger does not disturb it, and no file ends it`() throws {
        try run { client, _, pair in
            var blocks = 0
            #expect(throws: TransferError.file) {
                _ = try client.get(Array("a".utf8)) { _ in
                    blocks += 1
                    return blocks < 3
                }
            }
            #expect(blocks == 3)
        }
    }

    @Test func `nobody answers, or says no`() throws {
        try HostPair.run { pair in
            let client = TFTPClient(pair.right, server: IPAddress(HostPair.leftAddress))
            let socket = try pair.left.openUDP(on: TFTPClient.port)
            #expect(throws: TransferError.transfer(.timedOut)) { _ = try client.get(Array("a".utf8)) { _ in true } }
            let task = try Task.spawn("server") { () throws(TaskError) in
                while let (sender, request) = try? Self.receive(socket) {
                    if request[2] != 0x62 { continue }
                    let words = TFTPPacket.error(2, "no")
                    try? socket.send(words.span.bytes, to: sender)
                }
            }
            #expect(throws: TransferError.transfer(.refused(2, Array("no".utf8)))) {
                _ = try client.get(Array("b".utf8)) { _ in true }
            }
            task.cancel()
            try? task.join()
        }
    }
}
