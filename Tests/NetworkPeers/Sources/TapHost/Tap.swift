import Glibc

/// The end of a TAP interface that takes the place of the cable: what the system sends is read, what is written arrives there.
final class Tap {
    /// What to wait on.
    let descriptor: Int32
    /// Frames that the system did not take.
    private(set) var refused = 0

    /// The longest frame, with room for a tag.
    static let frameSize = 2048
    // <linux/if_tun.h>, <linux/if.h>.
    private static let setInterface: UInt = 0x4004_54CA
    private static let isTap: Int16 = 0x0002
    private static let withoutHeader: Int16 = 0x1000
    private static let requestSize = 40
    private static let nameSize = 16

    /// Opens the interface `name`; makes it if there is none. Nil when that is not allowed.
    init?(_ name: String) {
        descriptor = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0, name.utf8.count < Self.nameSize else { return nil }
        var request = [UInt8](repeating: 0, count: Self.requestSize)
        request.replaceSubrange(0..<name.utf8.count, with: name.utf8)
        let result = request.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: Self.isTap | Self.withoutHeader, toByteOffset: Self.nameSize, as: Int16.self)
            return ioctl(descriptor, Self.setInterface, bytes.baseAddress!)
        }
        guard result == 0 else { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Reads the next frame to the front of `buffer`; nil when none waits.
    func read(into buffer: inout [UInt8]) -> Int? {
        let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress!, $0.count) }
        return count > 0 ? count : nil
    }

    /// Hands a frame to the system.
    func write(_ frame: UnsafeRawBufferPointer) {
        if Glibc.write(descriptor, frame.baseAddress!, frame.count) != frame.count { refused += 1 }
    }
}
