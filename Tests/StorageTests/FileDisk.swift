import Foundation
import Interfaces

/// A read-only block device over an image file, for images too large for memory (they are sparse).
final class FileDisk: BlockDevice {
    let geometry: BlockGeometry
    private let handle: FileHandle

    init(_ path: String, blockSize: Int = 512) throws {
        handle = try FileDisk.open(path)
        let length = try handle.seekToEnd()
        geometry = BlockGeometry(blockSize: blockSize, blockCount: length / UInt64(blockSize), isReadOnly: true)
    }

    private static func open(_ path: String) throws -> FileHandle {
        try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    }

    func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        do {
            try handle.seek(toOffset: first * UInt64(geometry.blockSize))
            let data = try handle.read(upToCount: buffer.byteCount) ?? Data()
            guard data.count == buffer.byteCount else { throw BlockError(.outOfRange) }
            for (index, byte) in data.enumerated() {
                buffer.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
            }
        } catch {
            throw error as? BlockError ?? BlockError(.refused(status: 1))
        }
    }

    func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) { throw BlockError(.readOnly) }
    func flush() throws(BlockError) {}
    func discard(_ blocks: Range<UInt64>) throws(BlockError) { throw BlockError(.readOnly) }
}
