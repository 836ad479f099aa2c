import ApusKit
import Foundation
import Glibc

// unshare(2), with its flag for the network (CLONE_NEWNET in sched.h); the module for the C library leaves both out.
@_silgen_name("unshare")
private func unshare(_ flags: Int32) -> Int32
private let newNetwork: Int32 = 0x4000_0000

/// A network of its own for a test: interfaces in it are seen by nobody else, and end with it.
struct NetworkNamespace {
    /// Runs `body` on a thread in a new namespace. Programs that it starts are in there too.
    static func run(_ body: @escaping (NetworkNamespace) throws -> Void) throws {
        nonisolated(unsafe) var result: Result<Void, any Error> = .success(())
        let done = DispatchSemaphore(value: 0)
        nonisolated(unsafe) let work = body
        let thread = Thread {
            result = Result {
                guard unshare(newNetwork) == 0 else { throw NamespaceError.refused(errno) }
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
