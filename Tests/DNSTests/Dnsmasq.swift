import Foundation
import Interfaces
import Network

@testable import DNS

/// A DNS server that others wrote, on a port of the loopback interface that is nobody's.
final class Dnsmasq {
    /// Whether it is installed.
    static var program: String? {
        ["/usr/sbin/dnsmasq", "/usr/bin/dnsmasq"].first { access($0, X_OK) == 0 }
    }

    let port: UInt16
    private let process = Process()

    /// Starts it with the records of `arguments`, and waits until it answers.
    init(_ arguments: [String]) throws {
        port = try Self.freePort()
        process.executableURL = URL(fileURLWithPath: Self.program!)
        process.arguments =
            [
                "--conf-file=/dev/null", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--pid-file=",
                "--port=\(port)",
                "--listen-address=127.0.0.1", "--bind-interfaces", "--local-ttl=100",
            ] + (geteuid() == 0 ? ["--user=root"] : []) + arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        for _ in 0..<100 {
            if isUp { break }
            usleep(50_000)
        }
    }

    deinit { stop() }

    func stop() {
        guard process.isRunning else { return }
        // The test runner's threads block signals, and what they start does too.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private var isUp: Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return Loopback(port).with { connect(descriptor, $0, $1) } == 0
    }

    /// A port that was free a moment ago.
    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        guard Loopback(0).with({ bind(descriptor, $0, $1) }) == 0 else { throw POSIXError(.EADDRINUSE) }
        var (address, length) = (sockaddr_in(), socklen_t(MemoryLayout<sockaddr_in>.size))
        withUnsafeMutableBytes(of: &address) {
            _ = getsockname(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
        }
        return UInt16(bigEndian: address.sin_port)
    }
}

/// A port of 127.0.0.1 as the host's sockets want it.
struct Loopback {
    private var address = sockaddr_in()

    init(_ port: UInt16) {
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    }

    func with(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        withUnsafeBytes(of: address) {
            body($0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
    }
}
