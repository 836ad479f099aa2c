import Glibc
import Interfaces

/// A file or a device of this machine as a block device of 512-byte blocks: a card image, or a card in a reader.
package final class ImageFile: BlockDevice {
    private let descriptor: Int32
    /// The file's size in blocks.
    package let geometry: BlockGeometry

    private static let blockSize = 512

    /// Opens the file at `path`, for writing too unless `isReadOnly`. A device that is mounted cannot be opened for writing.
    package init(path: String, isReadOnly: Bool) throws(StoreError) {
        var status = stat()
        let isDevice = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFBLK
        let access = isReadOnly ? O_RDONLY : O_RDWR | (isDevice ? O_EXCL : 0)
        descriptor = open(path, access | O_CLOEXEC)
        guard descriptor >= 0 else { throw .notOpened(path, reason: String(cString: strerror(errno))) }
        geometry = BlockGeometry(
            blockSize: Self.blockSize,
            blockCount: UInt64(max(0, lseek(descriptor, 0, SEEK_END))) / UInt64(Self.blockSize), isReadOnly: isReadOnly)
    }

    deinit { close(descriptor) }

    /// Reads blocks of the file.
    package func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        let start = try start(first, buffer.byteCount)
        let isDone = buffer.withUnsafeMutableBytes { bytes in
            Self.transfer(bytes.count) { pread(descriptor, bytes.baseAddress! + $0, bytes.count - $0, start + $0) }
        }
        guard isDone else { throw BlockError(.refused(status: UInt32(errno))) }
    }

    /// Writes blocks of the file.
    package func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        guard !geometry.isReadOnly else { throw BlockError(.readOnly) }
        let start = try start(first, buffer.byteCount)
        let isDone = buffer.withUnsafeBytes { bytes in
            Self.transfer(bytes.count) { pwrite(descriptor, bytes.baseAddress! + $0, bytes.count - $0, start + $0) }
        }
        let unknown = first..<first + UInt64(buffer.byteCount / Self.blockSize)
        guard isDone else { throw BlockError(.refused(status: UInt32(errno)), unknown: unknown) }
    }

    /// Returns when the file's content is on its medium.
    package func flush() throws(BlockError) {
        guard geometry.isReadOnly || fdatasync(descriptor) == 0 else {
            throw BlockError(.refused(status: UInt32(errno)))
        }
    }

    /// Has nothing to do.
    package func discard(_ blocks: Range<UInt64>) throws(BlockError) {}

    private func start(_ first: UInt64, _ length: Int) throws(BlockError) -> Int {
        guard length % Self.blockSize == 0, first <= geometry.blockCount,
            UInt64(length / Self.blockSize) <= geometry.blockCount - first
        else { throw BlockError(.outOfRange) }
        return Int(first) * Self.blockSize
    }

    /// Calls `step` with the number of bytes done until `count` are. False after an error.
    private static func transfer(_ count: Int, _ step: (Int) -> Int) -> Bool {
        var done = 0
        while done < count {
            let moved = step(done)
            if moved < 0 && errno == EINTR { continue }
            guard moved > 0 else { return false }
            done += moved
        }
        return true
    }
}
