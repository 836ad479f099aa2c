import Glibc

/// A card image's file, whole: its partitions lie in it. It is read a piece at a time, however large it is.
package final class CardImageFile {
    /// The path it was opened by.
    package let path: String
    /// Bytes.
    package let size: Int
    private let descriptor: Int32

    /// Opens the file at `path`. Throws when it cannot be read, has no partition table, or ends before its last partition does.
    package init(path: String) throws {
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { throw FileError.unreadable(path: path) }
        self.path = path
        descriptor = opened
        let end = lseek(opened, 0, SEEK_END)
        size = max(0, Int(end))
        var head = [UInt8](repeating: 0, count: min(size, 2 * CardLayout.blockSize))
        try head.withUnsafeMutableBytes { try read(into: $0, at: 0) }
        guard CardImage.isCardImage(head, size: size) else { throw FlashError.notCardImage(path) }
        let needed = Self.end(of: head)
        guard needed <= size else { throw FlashError.truncatedImage(path, size: size, needed: needed) }
    }

    deinit {
        close(descriptor)
    }

    /// Fills `buffer` from byte `offset` on.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .unreadable(path: path) }
            done += count
        }
    }

    /// The byte behind the last partition, by the first two blocks: of an MBR, or of a GPT with its copy at the end.
    static func end(of head: [UInt8]) -> Int {
        func number(_ offset: Int, _ count: Int) -> Int {
            (0..<count).reduce(0) { $0 | (offset + $1 < head.count ? Int(head[offset + $1]) << (8 * $1) : 0) }
        }
        var end = 0
        for entry in stride(from: 446, to: 510, by: 16) {
            // The protective entry of a GPT may be longer than any disk.
            if head[entry + 4] == 0xee {
                // "EFI PART", and where its backup lies: UEFI 2.10, 5.3.2.
                let isHeader = number(512, 4) == 0x2049_4645 && number(516, 4) == 0x5452_4150
                if isHeader { end = max(end, (number(544, 7) + 1) * CardLayout.blockSize) }
            } else if head[entry + 4] != 0 {
                end = max(end, (number(entry + 8, 4) + number(entry + 12, 4)) * CardLayout.blockSize)
            }
        }
        return end
    }
}
