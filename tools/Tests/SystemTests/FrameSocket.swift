import ApusKit
import Foundation
import Glibc

/// ETH_P_ALL: every protocol, in network order (linux/if_ether.h).
private let everyProtocol = UInt16(3).bigEndian

/// A socket for whole frames on an interface (packet(7)).
final class FrameSocket {
    private let descriptor: Int32

    init(_ interface: String) throws {
        descriptor = socket(AF_PACKET, Int32(SOCK_RAW.rawValue), Int32(everyProtocol))
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
            bytes.storeBytes(of: everyProtocol, toByteOffset: 2, as: UInt16.self)
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
