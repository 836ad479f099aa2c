import Foundation
import Glibc

/// The far end of a machine's Ethernet cable: whole frames, without the check sequence at their end.
///
/// A Unix socket on which each frame follows its length in four bytes. It loses nothing; what the model of the controller has no room
/// for, the model counts. Nothing here waits but `receive`, so that whoever sends much can take what comes back meanwhile.
package final class FrameLink {
    /// The longest frame that QEMU passes on.
    package static let longest = 68 << 10

    private let descriptor: Int32
    /// What the socket has not taken yet.
    private var outgoing: [UInt8] = []
    private var outgoingStart = 0
    /// What has arrived and was not taken: `arrivedStart` on.
    private var arrived: [UInt8] = []
    private var arrivedStart = 0
    /// The machine has hung up.
    package private(set) var hasEnded = false

    /// Takes over one end of a pair of sockets.
    init(descriptor: Int32) {
        self.descriptor = descriptor
        Descriptor.makeNonBlocking(descriptor)
    }

    deinit { close(descriptor) }

    // MARK: Sending

    /// Bytes that wait for the socket to take them.
    package var waiting: Int { outgoing.count - outgoingStart }

    /// Puts a frame at the end of what is to be sent. `flush` and `exchange` send.
    package func enqueue(_ frame: some Collection<UInt8>) {
        let length = UInt32(frame.count)
        for shift in [24, 16, 8, 0] { outgoing.append(UInt8(truncatingIfNeeded: length >> UInt32(shift))) }
        outgoing += frame
    }

    /// Sends frames, all of them.
    package func send(_ frames: [[UInt8]]) {
        for frame in frames { enqueue(frame) }
        while waiting > 0 && !hasEnded { exchange(milliseconds: 100) }
    }

    // MARK: Both ways

    /// Sends and gathers as much as is possible now; waits at most `milliseconds` for something to be possible.
    package func exchange(milliseconds: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        if waiting > 0 { entry.events |= Int16(POLLOUT) }
        guard poll(&entry, 1, milliseconds) > 0 else { return }
        if entry.revents & Int16(POLLOUT) != 0 { flush() }
        if entry.revents & ~Int16(POLLOUT) != 0 { gather() }
    }

    private func flush() {
        let count = outgoing.withUnsafeBytes { bytes in
            Glibc.send(
                descriptor, bytes.baseAddress! + outgoingStart, bytes.count - outgoingStart,
                Int32(MSG_NOSIGNAL))
        }
        if count > 0 {
            outgoingStart += count
        } else if errno != EAGAIN && errno != EINTR {
            hasEnded = true
        }
        if outgoingStart == outgoing.count {
            outgoing.removeAll(keepingCapacity: true)
            outgoingStart = 0
        }
    }

    private func gather() {
        if arrivedStart > 1 << 20 || arrivedStart == arrived.count {
            arrived.removeFirst(arrivedStart)
            arrivedStart = 0
        }
        switch Descriptor.read(descriptor, limit: 256 << 10) {
        case .bytes(let bytes): arrived += bytes
        case .nothing: break
        case .end: hasEnded = true
        }
    }

    // MARK: Receiving

    /// Hands the oldest frame that has arrived to `body`; nil when none has arrived whole.
    package func take<Result>(_ body: (ArraySlice<UInt8>) -> Result) -> Result? {
        guard arrived.count - arrivedStart >= 4 else { return nil }
        var length = 0
        for index in arrivedStart..<arrivedStart + 4 { length = length << 8 | Int(arrived[index]) }
        let start = arrivedStart + 4
        guard arrived.count - start >= length else { return nil }
        arrivedStart = start + length
        return body(arrived[start..<start + length])
    }

    /// The next frame; nil when none comes within `timeout` seconds.
    package func receive(timeout: Double = Machine.patience) -> [UInt8]? {
        let deadline = Date(timeIntervalSinceNow: timeout)
        while true {
            if let frame = take({ Array($0) }) { return frame }
            guard !hasEnded, deadline.timeIntervalSinceNow > 0 else { return nil }
            exchange(milliseconds: 100)
        }
    }
}
