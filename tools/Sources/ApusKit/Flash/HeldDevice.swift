import Glibc

/// A device that is held open: nobody can mount it or put another one in its place meanwhile without its being seen.
package final class HeldDevice {
    /// What cannot change while it is the same device with the same medium.
    package struct Identity: Equatable, Sendable {
        /// Major and minor number, as `lsblk` writes them.
        package let number: String
        /// Bytes.
        package let size: Int
        /// Linux's running number of disks and media; nil where it has none.
        package let sequence: Int?
    }

    /// The path it was opened by.
    package let path: String
    /// Open for reading and writing until this goes.
    let descriptor: Int32

    // ioctl numbers of Linux's <linux/fs.h>: BLKGETSIZE64 is _IOR(0x12, 114, size_t), BLKGETDISKSEQ _IOR(0x12, 128, u64).
    private static let getSize: UInt = 0x8008_1272
    private static let getSequence: UInt = 0x8008_1280

    /// Opens the device at `path`, or a plain file in its place, which nobody has to himself.
    package init(path: String, isDevice: Bool = true) throws(FlashError) {
        self.path = path
        // Linux lends a device exclusively to nobody while it is mounted, and lets nobody mount one that it has lent.
        let opened = open(path, O_RDWR | O_CLOEXEC | (isDevice ? O_EXCL : 0))
        guard opened >= 0 else {
            guard errno != EBUSY else { throw .mounted(path, at: "another program holds it") }
            throw .notOpened(path, reason: String(cString: strerror(errno)))
        }
        descriptor = opened
    }

    deinit {
        close(descriptor)
    }

    /// What is behind the descriptor now.
    package var identity: Identity {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return Identity(number: "", size: 0, sequence: nil) }
        guard status.st_mode & S_IFMT == S_IFBLK else {
            return Identity(number: "file \(status.st_ino)", size: Int(status.st_size), sequence: nil)
        }
        var (size, sequence): (UInt64, UInt64) = (0, 0)
        guard ioctl(descriptor, Self.getSize, &size) == 0 else { return Identity(number: "", size: 0, sequence: nil) }
        let hasSequence = ioctl(descriptor, Self.getSequence, &sequence) == 0
        return Identity(
            number: Self.number(status.st_rdev), size: Int(size), sequence: hasSequence ? Int(sequence) : nil)
    }

    /// What the path means now: the same number as `identity`, unless another device lies there.
    package var numberAtPath: String {
        var status = stat()
        guard stat(path, &status) == 0 else { return "" }
        return status.st_mode & S_IFMT == S_IFBLK ? Self.number(status.st_rdev) : "file \(status.st_ino)"
    }

    /// `MAJOR:MINOR` of Linux' 64-bit device number.
    private static func number(_ device: dev_t) -> String {
        let major = (device >> 8 & 0xfff) | (device >> 32 & ~0xfff)
        let minor = (device & 0xff) | (device >> 12 & ~0xff)
        return "\(major):\(minor)"
    }
}
