import Glibc

/// An IPv4 address and a port, as the system wants them.
struct Address {
    private var raw = sockaddr_in()

    init(_ host: String, _ port: Int) {
        raw.sin_family = sa_family_t(AF_INET)
        raw.sin_port = UInt16(port).bigEndian
        guard inet_pton(AF_INET, host, &raw.sin_addr) == 1 else { SocketPeer.fail("\(host) is no address") }
    }

    /// The address in network order.
    var host: UInt32 { raw.sin_addr.s_addr }

    /// Lends the address as system calls take it.
    func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        withUnsafePointer(to: raw) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// Sets a socket's option to a number.
func setOption(_ socket: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
    var value = value
    setsockopt(socket, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
}

/// A clock that does not go back.
func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
}

/// The same, finer.
func microseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
}
