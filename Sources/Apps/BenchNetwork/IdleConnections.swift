import Interfaces
import Network
import RaspberryPi4
import Runtime
import Sockets

/// Port 11: each connection sends back one byte and is kept. After 2,000 it says what memory one takes that has rested.
enum IdleConnections {
    static let count = 2000

    static func serve(_ host: IPHost) throws(SocketError) {
        let listener = try host.listen(on: 11)
        var kept: [TCPConnection] = []
        kept.reserveCapacity(count)
        // The first brings what is there once.
        let first = try listener.accept()
        try answer(first)
        let before = Memory.statistics.inUse
        while kept.count < count - 1 {
            let connection = try listener.accept()
            try answer(connection)
            kept.append(connection)
        }
        do throws(TaskError) { try Task.sleep(for: .seconds(5)) } catch { throw .cancelled }
        let used = Memory.statistics.inUse - before
        printLine("bench idle-connection \(used / UInt64(kept.count)) bytes")
        try answer(first)
        for connection in kept { try answer(connection) }
    }

    private static func answer(_ connection: TCPConnection) throws(SocketError) {
        var byte: UInt8 = 0
        _ = try connection.read { bytes in
            // What is lent has at least one byte.
            byte = unsafe bytes.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
            return 1
        }
        let bytes = [byte]
        try connection.write(unsafe bytes.span.bytes)
    }
}
