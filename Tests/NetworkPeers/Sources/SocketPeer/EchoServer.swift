import Glibc

/// Sends back what arrives, to connections that the stack opens.
struct EchoServer {
    private final class Client {
        let socket: Int32
        var pending: [UInt8] = []
        var isOver = false

        init(_ socket: Int32) { self.socket = socket }
        deinit { close(socket) }

        var interest: Int16 { pending.isEmpty ? Int16(POLLIN) : Int16(POLLOUT) }

        func step(_ buffer: inout [UInt8]) {
            if pending.isEmpty {
                let count = buffer.withUnsafeMutableBytes { read(socket, $0.baseAddress!, $0.count) }
                if count < 0 { return isOver = errno != EAGAIN }
                if count == 0 { return isOver = true }
                pending = Array(buffer[..<count])
            }
            let count = pending.withUnsafeBytes { write(socket, $0.baseAddress!, $0.count) }
            if count < 0 { return isOver = errno != EAGAIN }
            pending.removeFirst(count)
        }
    }

    private let listener: Int32

    init(port: UInt16) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        setOption(listener, SOL_SOCKET, SO_REUSEADDR, 1)
        let address = Address("0.0.0.0", Int(port))
        guard address.withPointer({ bind(listener, $0, $1) }) == 0, listen(listener, 1024) == 0 else {
            SocketPeer.fail("port \(port): \(String(cString: strerror(errno)))")
        }
    }

    /// Serves until standard input ends.
    func run() {
        SocketPeer.say("ready")
        var clients: [Client] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            var descriptors = [STDIN_FILENO, listener].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            descriptors += clients.map { pollfd(fd: $0.socket, events: $0.interest, revents: 0) }
            poll(&descriptors, nfds_t(descriptors.count), -1)
            if descriptors[0].revents != 0 { return }
            for (client, descriptor) in zip(clients, descriptors.dropFirst(2)) where descriptor.revents != 0 {
                client.step(&buffer)
            }
            clients.removeAll { $0.isOver }
            guard descriptors[1].revents != 0 else { continue }
            let socket = accept(listener, nil, nil)
            if socket >= 0 {
                _ = fcntl(socket, F_SETFL, O_NONBLOCK)
                clients.append(Client(socket))
            }
        }
    }
}
