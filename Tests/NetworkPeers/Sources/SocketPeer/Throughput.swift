import Glibc
import PeerPattern

/// How fast a stream goes: to somebody who reads to the end of it and then ends, or from somebody who sends as soon as asked.
struct Throughput {
    private let address: Address
    private let bytes: Int
    private let isPush: Bool

    init(_ options: Options, isPush: Bool) {
        address = Address(options.text("to") ?? "10.78.0.2", options.number("port", or: isPush ? 9 : 19))
        bytes = options.number("bytes", or: 64 << 20)
        self.isPush = isPush
    }

    /// Sends or takes the stream and prints how many bytes went in how many microseconds, the handshake not counted.
    func run() {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0, address.withPointer({ connect(socket, $0, $1) }) == 0 else {
            SocketPeer.fail("connect: \(String(cString: strerror(errno)))")
        }
        var buffer = [UInt8](repeating: 7, count: 256 << 10)
        let start = microseconds()
        if isPush {
            var sent = 0
            while sent < bytes {
                let count = buffer.withUnsafeBytes { write(socket, $0.baseAddress!, min($0.count, bytes - sent)) }
                guard count > 0 else { SocketPeer.fail("write: \(String(cString: strerror(errno)))") }
                sent += count
            }
            shutdown(socket, Int32(SHUT_WR))
        }
        var received = 0
        while true {
            let count = buffer.withUnsafeMutableBytes { read(socket, $0.baseAddress!, $0.count) }
            guard count >= 0 else { SocketPeer.fail("read: \(String(cString: strerror(errno)))") }
            if count == 0 { break }
            received += count
        }
        SocketPeer.say("bytes \(isPush ? bytes : received) microseconds \(microseconds() - start)")
    }
}
