import Interfaces
import Network
import Runtime
import Sockets

// Whole transfers, each buffer a variable of the function that waits with it.

/// Bytes that differ from place to place.
func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) } }

extension TCPConnection {
    /// Reads to the end of the stream.
    func readAll(piece: Int = 3000) throws(SocketError) -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let some = try readSome(piece)
            if some.isEmpty { return all }
            all += some
        }
    }

    /// Reads what is there, `limit` bytes at most.
    func readSome(_ limit: Int = 65536, until deadline: Instant = .never) throws(SocketError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        do {
            var span = bytes.mutableSpan
            var raw = span.mutableBytes
            count = try read(into: &raw, until: deadline)
        }
        return Array(bytes[..<count])
    }

    /// Writes all of `bytes`.
    func write(_ bytes: [UInt8], until deadline: Instant = .never) throws(SocketError) {
        try write(bytes.span.bytes, until: deadline)
    }
}

extension UDPSocket {
    /// Waits for a datagram.
    func receive(until deadline: Instant = .never) throws(SocketError) -> (sender: Endpoint, bytes: [UInt8]) {
        var bytes = [UInt8](repeating: 0, count: 2000)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        let (sender, length) = try receive(into: &raw, until: deadline)
        return (sender, Array(bytes[..<min(length, bytes.count)]))
    }
}

/// What a call threw; nil when it did not.
func failure(_ body: () throws(SocketError) -> Void) -> SocketError? {
    do throws(SocketError) {
        try body()
        return nil
    } catch {
        return error
    }
}
