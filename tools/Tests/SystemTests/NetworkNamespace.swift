import ApusKit
import Foundation
import Glibc

// unshare(2), with its flag for the network; the module for the C library leaves both out.
@_silgen_name("unshare")
private func unshare(_ flags: Int32) -> Int32
private let CLONE_NEWNET: Int32 = 0x4000_0000
/// Every protocol, in network order (linux/if_ether.h).
private let ETH_P_ALL = UInt16(3).bigEndian

/// A network of its own for a test: interfaces in it are seen by nobody else, and end with it.
struct NetworkNamespace {
    /// Runs `body` on a thread in a new namespace. Programs that it starts are in there too.
    static func run(_ body: @escaping (NetworkNamespace) throws -> Void) throws {
        nonisolated(unsafe) var result: Result<Void, any Error> = .success(())
        let done = DispatchSemaphore(value: 0)
        nonisolated(unsafe) let work = body
        let thread = Thread {
            result = Result {
                guard unshare(CLONE_NEWNET) == 0 else { throw NamespaceError.refused(errno) }
                try work(NetworkNamespace())
            }
            done.signal()
        }
        thread.stackSize = 8 << 20
        thread.start()
        done.wait()
        try result.get()
    }

    /// Whether this process may make one, and interfaces in it.
    static var isPossible: Bool {
        guard access("/dev/net/tun", R_OK | W_OK) == 0 else { return false }
        return (try? run { _ in }) != nil
    }

    /// Switches `interface` on and opens a socket for whole frames on it.
    func open(_ interface: String) throws -> FrameSocket { try FrameSocket(interface) }
}

/// A namespace or a socket that could not be had.
enum NamespaceError: Error {
    case refused(Int32)
}

/// A socket for whole frames on an interface (packet(7)).
final class FrameSocket {
    private let descriptor: Int32

    init(_ interface: String) throws {
        descriptor = socket(AF_PACKET, Int32(SOCK_RAW.rawValue), Int32(ETH_P_ALL))
        guard descriptor >= 0 else { throw NamespaceError.refused(errno) }
        var request = ifreq()
        withUnsafeMutableBytes(of: &request) { bytes in
            for (index, byte) in interface.utf8.enumerated() { bytes[index] = byte }
        }
        try control(UInt(SIOCGIFFLAGS), &request)
        request.ifr_ifru.ifru_flags |= Int16(IFF_UP)
        try control(UInt(SIOCSIFFLAGS), &request)
        try control(UInt(SIOCGIFINDEX), &request)
        try bind(to: request.ifr_ifru.ifru_ivalue)
    }

    private func control(_ command: UInt, _ request: inout ifreq) throws {
        guard ioctl(descriptor, command, &request) == 0 else { throw NamespaceError.refused(errno) }
    }

    private func bind(to interface: Int32) throws {
        // struct sockaddr_ll: family, protocol, interface, and twelve bytes that do not matter here.
        var address = [UInt8](repeating: 0, count: 20)
        address.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: UInt16(AF_PACKET), toByteOffset: 0, as: UInt16.self)
            bytes.storeBytes(of: ETH_P_ALL, toByteOffset: 2, as: UInt16.self)
            bytes.storeBytes(of: interface, toByteOffset: 4, as: Int32.self)
        }
        let result = address.withUnsafeBytes { bytes in
            Glibc.bind(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        guard result == 0 else { throw NamespaceError.refused(errno) }
    }

    deinit { close(descriptor) }

    /// Sends `frame` and waits for `answer` among what comes.
    func exchange(_ frame: [UInt8], expecting answer: [UInt8]) throws -> Bool {
        guard frame.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == frame.count else {
            throw NamespaceError.refused(errno)
        }
        let deadline = Date(timeIntervalSinceNow: Machine.patience)
        while deadline.timeIntervalSinceNow > 0 {
            guard Descriptor.wait(for: [descriptor], milliseconds: 1000)[0] else { continue }
            if case .bytes(let bytes) = Descriptor.read(descriptor), bytes == answer { return true }
        }
        return false
    }
}
