import Foundation
import Interfaces

/// A block device over an image file, read-only unless it is said otherwise, for images too large for memory (they are sparse).
final class FileDisk: BlockDevice {
    let geometry: BlockGeometry
    private let handle: FileHandle

    init(_ path: String, blockSize: Int = 512, isReadOnly: Bool = true) throws {
        handle = try FileDisk.open(path, isReadOnly)
        let length = try handle.seekToEnd()
        geometry = BlockGeometry(blockSize: blockSize, blockCount: length / UInt64(blockSize), isReadOnly: isReadOnly)
    }

    private static func open(_ path: String, _ isReadOnly: Bool) throws -> FileHandle {
        let url = URL(fileURLWithPath: path)
        return try isReadOnly ? FileHandle(forReadingFrom: url) : FileHandle(forUpdating: url)
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

    func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        guard !geometry.isReadOnly else { throw BlockError(.readOnly) }
        do {
            try handle.seek(toOffset: first * UInt64(geometry.blockSize))
            try handle.write(contentsOf: buffer.withUnsafeBytes { Data($0) })
        } catch {
            throw BlockError(.refused(status: 2))
        }
    }

    func flush() throws(BlockError) {}
    func discard(_ blocks: Range<UInt64>) throws(BlockError) { throw BlockError(.readOnly) }
}
