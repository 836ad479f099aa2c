import Glibc

/// Reading and writing file descriptors without losing bytes to interrupted or short calls.
package enum Descriptor {
    /// Writes all of `bytes`, waiting while the descriptor is full. Returns false when the reader is gone.
    @discardableResult
    package static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                _ = wait(for: [descriptor], events: Int16(POLLOUT), milliseconds: 100)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// What one `read` brought.
    package enum Input: Equatable {
        case bytes([UInt8])
        case nothing
        case end
    }

    /// Reads what has arrived, at most `limit` bytes. `end` is the end of file or a device that has gone.
    package static func read(_ descriptor: Int32, limit: Int = 65536) -> Input {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, used in
            repeat {
                count = Glibc.read(descriptor, buffer.baseAddress, limit)
            } while count == -1 && errno == EINTR
            used = max(count, 0)
        }
        if count > 0 { return .bytes(bytes) }
        return count == -1 && errno == EAGAIN ? .nothing : .end
    }

    /// Everything up to the end of file.
    package static func readToEnd(_ descriptor: Int32) -> [UInt8] {
        var result: [UInt8] = []
        while true {
            switch read(descriptor) {
            case .bytes(let bytes): result += bytes
            case .nothing: _ = wait(for: [descriptor], milliseconds: -1)
            case .end: return result
            }
        }
    }

    /// Waits until one of the descriptors has something (or has ended), at most `milliseconds` (-1: for ever), and
    /// tells which ones. Negative descriptors are never ready. A signal ends the wait early.
    package static func wait(
        for descriptors: [Int32], events: Int16 = Int16(POLLIN), milliseconds: Int32
    ) -> [Bool] {
        var entries = descriptors.map { pollfd(fd: $0, events: events, revents: 0) }
        let ready = poll(&entries, nfds_t(entries.count), milliseconds)
        return entries.map { ready > 0 && $0.revents != 0 }
    }

    /// Makes reads and writes return at once.
    package static func makeNonBlocking(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }
}
