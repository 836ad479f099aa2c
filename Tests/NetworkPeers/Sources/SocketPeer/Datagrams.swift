import Glibc
import PeerPattern

/// Datagrams to the echo service, from empty ones to such as travel in many fragments. One that is lost is sent again.
struct Datagrams {
    private let address: Address
    private let count: Int
    private let largest: Int

    init(_ options: Options) {
        address = Address(options.text("to") ?? "10.78.0.2", options.number("port", or: 7))
        count = options.number("count", or: 200)
        largest = options.number("bytes", or: 8000)
    }

    /// Sends them one by one.
    func run() {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var patience = timeval(tv_sec: 0, tv_usec: 500_000)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard address.withPointer({ connect(socket, $0, $1) }) == 0 else { SocketPeer.fail("connect") }
        let pattern = Pattern()
        var buffer = [UInt8](repeating: 0, count: 65536)
        for number in 0..<count {
            let size = largest * number / max(count - 1, 1)
            guard (0..<20).contains(where: { _ in exchange(socket, number, size, &buffer, pattern) }) else {
                SocketPeer.fail("a datagram of \(size) bytes does not come back")
            }
        }
        SocketPeer.say("done \(count) failed 0")
    }

    private func exchange(
        _ socket: Int32, _ number: Int, _ size: Int, _ buffer: inout [UInt8], _ pattern: Pattern
    ) -> Bool {
        // What an earlier attempt has left behind differs in what it begins with.
        let offset = number * 7
        _ = pattern.withBytes(at: offset, count: size) { send(socket, $0.baseAddress!, size, 0) }
        while true {
            let count = buffer.withUnsafeMutableBytes { recv(socket, $0.baseAddress!, $0.count, 0) }
            if count < 0 { return false }
            guard count == size else { continue }
            let wrong = buffer.withUnsafeBytes {
                pattern.wrongCount(UnsafeRawBufferPointer(rebasing: $0[..<count]), at: offset)
            }
            if wrong == 0 { return true }
            SocketPeer.fail("\(wrong) bytes of \(size) are wrong")
        }
    }
}
