import Interfaces
import Links
import Network
import Runtime
import Sockets
import TaskBench

/// Sends `count` bytes from the left host to the right one.
/// - Returns: whether they arrived as they were, and how long it took.
func transfer(_ count: Int, over pair: HostPair) throws -> (isWhole: Bool, duration: Interval) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) }
    let listener = try pair.right.listen(on: 5000)
    let left = try pair.left.connect(to: Endpoint(HostPair.rightAddress, 5000))
    let right = try listener.accept()
    let start = SystemTime.now
    let writer = try Task.spawn("writer") { () throws(TaskError) in
        try? left.write(bytes.span.bytes)
        left.finish()
    }
    let received = try readAll(right, atMost: count + 1)
    let duration = SystemTime.now - start
    try writer.join()
    return (received == bytes, duration)
}

private func readAll(_ connection: TCPConnection, atMost limit: Int) throws(SocketError) -> [UInt8] {
    var all: [UInt8] = []
    while all.count < limit {
        let count = try connection.read { piece in
            for index in 0..<piece.byteCount { all.append(piece.unsafeLoad(fromByteOffset: index, as: UInt8.self)) }
            return piece.byteCount
        }
        if count == 0 { break }
    }
    return all
}
