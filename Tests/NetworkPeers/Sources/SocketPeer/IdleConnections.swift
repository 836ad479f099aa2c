import Glibc
import PeerPattern

/// Many connections that stay open, and say nothing for a while.
struct IdleConnections {
    private let address: Address
    private let count: Int
    private let idle: Int

    init(_ options: Options) {
        address = Address(options.text("to") ?? "10.78.0.2", options.number("port", or: 7))
        count = options.number("connections", or: 1000)
        idle = options.number("idle", or: 1)
    }

    /// Opens them, exchanges a byte with each, waits, and does so again. A line `open` tells when all stand; with one from standard
    /// input it goes on, so that somebody can look at the other end meanwhile.
    func run() {
        var sockets: [Int32] = []
        for number in 0..<count {
            let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard socket >= 0, address.withPointer({ connect(socket, $0, $1) }) == 0 else {
                SocketPeer.fail("connection \(number): \(String(cString: strerror(errno)))")
            }
            var patience = timeval(tv_sec: 30, tv_usec: 0)
            setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            sockets.append(socket)
            // One by one: a peer that accepts slowly is not what is asked about here.
            exchange(socket, number)
        }
        SocketPeer.say("open \(sockets.count)")
        _ = readLine()
        sleep(UInt32(idle))
        for (number, socket) in sockets.enumerated() { exchange(socket, number + 1) }
        SocketPeer.say("done \(sockets.count) failed 0")
        for socket in sockets { close(socket) }
    }

    private func exchange(_ socket: Int32, _ number: Int) {
        var byte = UInt8(truncatingIfNeeded: number)
        var answer = ~byte
        guard write(socket, &byte, 1) == 1, read(socket, &answer, 1) == 1, answer == byte else {
            SocketPeer.fail("connection \(number) does not answer: \(String(cString: strerror(errno)))")
        }
    }
}
