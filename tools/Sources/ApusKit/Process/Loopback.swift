import Glibc

/// Ports of this machine's loopback.
package enum Loopback {
    /// Whether nobody listens at `port`, so that a server can.
    package static func isFree(_ port: Int) -> Bool { bound(port) != nil }

    /// A port that nobody has; nil when there is none.
    package static var freePort: Int? { bound(0) }

    /// The port that a server gets when it asks for `port`, which may be 0 for any; nil when it gets none.
    private static func bound(_ port: Int) -> Int? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // As servers do: connections of one that has ended are no obstacle.
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(descriptor, address, size) == 0, getsockname(descriptor, address, &size) == 0 else {
                    return nil
                }
                return Int(pointer.pointee.sin_port.bigEndian)
            }
        }
    }
}
