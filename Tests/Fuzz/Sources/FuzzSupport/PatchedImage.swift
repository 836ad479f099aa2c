import Interfaces

/// A disk image that changes a little from input to input: patches are laid over a template and taken off again, so
/// that a small input can stand for a large image and the fuzzer changes what matters.
///
/// A patch in the input is four bytes and its content: which region, where in it (two bytes, little-endian), how
/// many bytes (up to 39).
public final class PatchedImage: BlockDevice {
    /// The image.
    public private(set) var bytes: [UInt8]
    /// Blocks of 512 bytes, as many as the template has.
    public let geometry: BlockGeometry
    private let regions: [Range<Int>]
    private var undo: [(offset: Int, byte: UInt8)] = []

    /// An image that begins as `template`, whose `regions` are worth changing, and which may be `isWritable` as a device.
    public init(_ template: [UInt8], regions: [Range<Int>], isWritable: Bool = false) {
        bytes = template
        self.regions = regions
        geometry = BlockGeometry(blockCount: UInt64(template.count / 512), isReadOnly: !isWritable)
    }

    /// Lays the patches in `input` over the image.
    public func apply(_ input: some RandomAccessCollection<UInt8>) {
        var rest = input[...]
        while rest.count >= 4, let kind = rest.popFirst(), let low = rest.popFirst(), let high = rest.popFirst(),
            let length = rest.popFirst()
        {
            let region = regions[Int(kind) % regions.count]
            var offset = region.lowerBound + (Int(low) | Int(high) << 8) % region.count
            for _ in 0..<Int(length) % 40 {
                guard let byte = rest.popFirst(), offset < bytes.count else { break }
                set(offset, byte)
                offset += 1
            }
        }
    }

    /// Changes one byte until `restore`.
    public func set(_ offset: Int, _ byte: UInt8) {
        undo.append((offset, bytes[offset]))
        bytes[offset] = byte
    }

    /// Makes the image what it was in the beginning.
    public func restore() {
        for change in undo.reversed() { bytes[change.offset] = change.byte }
        undo.removeAll(keepingCapacity: true)
    }

    /// Reads blocks of the image as it is now.
    public func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        let count = UInt64(buffer.byteCount / 512)
        guard buffer.byteCount % 512 == 0, first <= geometry.blockCount, count <= geometry.blockCount - first else {
            throw BlockError(.outOfRange)
        }
        let start = Int(first) * 512
        bytes.withUnsafeBytes { source in
            buffer.withUnsafeMutableBytes { $0.copyMemory(from: .init(rebasing: source[start..<start + $0.count])) }
        }
    }

    /// Writes blocks until `restore`, where the image is writable.
    public func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        guard !geometry.isReadOnly else { throw BlockError(.readOnly) }
        let count = UInt64(buffer.byteCount / 512)
        guard buffer.byteCount % 512 == 0, first <= geometry.blockCount, count <= geometry.blockCount - first else {
            throw BlockError(.outOfRange)
        }
        let start = Int(first) * 512
        buffer.withUnsafeBytes { source in
            for (index, byte) in source.enumerated() where bytes[start + index] != byte { set(start + index, byte) }
        }
    }

    /// Has nothing to do.
    public func flush() throws(BlockError) {}
    /// Refused.
    public func discard(_ blocks: Range<UInt64>) throws(BlockError) { throw BlockError(.readOnly) }
}
