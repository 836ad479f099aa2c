import Glibc

/// Writes an image to a device and reads it back.
package struct FlashWriter {
    /// What is being done.
    package enum Phase: String, Sendable {
        case writing = "Writing"
        case verifying = "Verifying"
    }

    /// The device file.
    private let path: String
    private let isDevice: Bool
    private static let chunk = 4 << 20
    // O_DIRECT of Linux, which Swift's Glibc does not show.
    #if arch(arm64)
        private static let directAccess: Int32 = 0x10000
    #else
        private static let directAccess: Int32 = 0x4000
    #endif
    // What direct access asks of a buffer's place, on every device.
    private static let alignment = 4096

    /// A writer for a device, or for a plain file in its place, which is not opened exclusively.
    package init(path: String, isDevice: Bool = true) {
        self.path = path
        self.isDevice = isDevice
    }

    /// Writes `image`, waits until the device has it, and compares what the device gives back.
    package func write(_ image: [UInt8], progress: (Phase, Int) -> Void) throws(FlashError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunk, alignment: Self.alignment)
        defer { buffer.deallocate() }
        try writeAll(image, through: buffer) { progress(.writing, $0) }
        try verify(image, through: buffer) { progress(.verifying, $0) }
    }

    private func writeAll(
        _ image: [UInt8], through buffer: UnsafeMutableRawBufferPointer, progress: (Int) -> Void
    ) throws(FlashError) {
        // Linux lends a device exclusively to nobody while it is mounted: the last guard.
        let descriptor = try opened(O_RDWR | (isDevice ? O_EXCL : 0))
        defer { close(descriptor) }
        var offset = 0
        while offset < image.count {
            let count = min(Self.chunk, image.count - offset)
            image.withUnsafeBytes {
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count]))
            }
            var done = 0
            while done < count {
                let written = pwrite(descriptor, buffer.baseAddress! + done, count - done, off_t(offset + done))
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { throw .writeFailed(offset: offset + done, reason: Self.reason()) }
                done += written
            }
            offset += count
            // Now and then, so that the bar shows the card's pace and not the cache's.
            if offset % (4 * Self.chunk) == 0 || offset == image.count {
                guard fdatasync(descriptor) == 0 else { throw .writeFailed(offset: offset, reason: Self.reason()) }
            }
            progress(offset)
        }
        guard fsync(descriptor) == 0 else { throw .writeFailed(offset: offset, reason: Self.reason()) }
        // Everything is on the device, so the cached pages can go: what is read now comes from the card.
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    }

    private func verify(
        _ image: [UInt8], through buffer: UnsafeMutableRawBufferPointer, progress: (Int) -> Void
    ) throws(FlashError) {
        // Direct access goes round the cache; some file systems that a test file lies on have none.
        let direct = open(path, O_RDONLY | Self.directAccess | O_CLOEXEC)
        let descriptor = direct >= 0 ? direct : try opened(O_RDONLY)
        defer { close(descriptor) }
        var offset = 0
        while offset < image.count {
            let count = min(Self.chunk, image.count - offset)
            let aligned = (count + Self.alignment - 1) / Self.alignment * Self.alignment
            let received = pread(descriptor, buffer.baseAddress!, aligned, off_t(offset))
            if received < 0 && errno == EINTR { continue }
            guard received > 0 else { throw .readFailed(offset: offset, reason: Self.reason()) }
            let usable = min(received, count)
            let isRight = image.withUnsafeBytes { memcmp($0.baseAddress! + offset, buffer.baseAddress!, usable) == 0 }
            guard isRight else {
                let wrong = (0..<usable).first { buffer[$0] != image[offset + $0] } ?? 0
                throw .differs(offset: offset + wrong)
            }
            offset += usable
            progress(offset)
        }
    }

    private func opened(_ flags: Int32) throws(FlashError) -> Int32 {
        let descriptor = open(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw .notOpened(path, reason: Self.reason()) }
        return descriptor
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
