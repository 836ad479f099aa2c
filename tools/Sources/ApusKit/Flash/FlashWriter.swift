import Glibc

/// Writes an image to a device and reads it back.
package struct FlashWriter {
    /// What is being done.
    package enum Phase: String, Sendable {
        case writing = "Writing"
        case verifying = "Verifying"
    }

    private let device: HeldDevice
    private static let chunk = 4 << 20
    // O_DIRECT of Linux, which Swift's Glibc does not show.
    #if arch(arm64)
        private static let directAccess: Int32 = 0x10000
    #else
        private static let directAccess: Int32 = 0x4000
    #endif
    // What direct access asks of a buffer's place, on every device.
    private static let alignment = 4096

    /// A writer for a device, or for a plain file in its place.
    package init(_ device: HeldDevice) {
        self.device = device
    }

    /// Writes `image`, waits until the device has it, and compares what the device gives back. All of it through one descriptor: what is
    /// compared is what was written to.
    package func write(_ image: CardImageFile, progress: (Phase, Int) -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunk, alignment: Self.alignment)
        let read = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunk, alignment: Self.alignment)
        defer {
            buffer.deallocate()
            read.deallocate()
        }
        try writeAll(image, through: buffer) { progress(.writing, $0) }
        try verify(image, through: buffer, and: read) { progress(.verifying, $0) }
    }

    private func writeAll(
        _ image: CardImageFile, through buffer: UnsafeMutableRawBufferPointer, progress: (Int) -> Void
    ) throws {
        var offset = 0
        while offset < image.size {
            let count = min(Self.chunk, image.size - offset)
            try image.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]), at: offset)
            var done = 0
            while done < count {
                let written = pwrite(device.descriptor, buffer.baseAddress! + done, count - done, off_t(offset + done))
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else {
                    throw FlashError.writeFailed(offset: offset + done, reason: Self.reason())
                }
                done += written
            }
            offset += count
            // Now and then, so that the bar shows the card's pace and not the cache's.
            if offset % (4 * Self.chunk) == 0 || offset == image.size {
                guard fdatasync(device.descriptor) == 0 else {
                    throw FlashError.writeFailed(offset: offset, reason: Self.reason())
                }
            }
            progress(offset)
        }
        guard fsync(device.descriptor) == 0 else {
            throw FlashError.writeFailed(offset: offset, reason: Self.reason())
        }
        // Everything is on the device, so the cached pages can go: what is read now comes from the card.
        posix_fadvise(device.descriptor, 0, 0, POSIX_FADV_DONTNEED)
    }

    private func verify(
        _ image: CardImageFile, through buffer: UnsafeMutableRawBufferPointer,
        and read: UnsafeMutableRawBufferPointer, progress: (Int) -> Void
    ) throws {
        // Direct access goes round the cache; some file systems that a test file lies on have none.
        let flags = fcntl(device.descriptor, F_GETFL)
        _ = fcntl(device.descriptor, F_SETFL, flags | Self.directAccess)
        defer { _ = fcntl(device.descriptor, F_SETFL, flags) }
        var offset = 0
        while offset < image.size {
            let count = min(Self.chunk, image.size - offset)
            let aligned = (count + Self.alignment - 1) / Self.alignment * Self.alignment
            let received = pread(device.descriptor, read.baseAddress!, aligned, off_t(offset))
            if received < 0 && errno == EINTR { continue }
            guard received > 0 else { throw FlashError.readFailed(offset: offset, reason: Self.reason()) }
            let usable = min(received, count)
            try image.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<usable]), at: offset)
            guard memcmp(buffer.baseAddress!, read.baseAddress!, usable) == 0 else {
                let wrong = (0..<usable).first { buffer[$0] != read[$0] } ?? 0
                throw FlashError.differs(offset: offset + wrong)
            }
            offset += usable
            progress(offset)
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
