import Interfaces

/// A slice of a block device that is a block device of its own: block 0 is the first of the slice, and nothing outside
/// the slice can be reached through it.
///
/// Errors come up unchanged, except that `unknown` counts in blocks of the partition.
public final class Partition: BlockDevice {
    /// What the partition is cut from.
    public let device: any BlockDevice
    /// The blocks of `device` that belong to the partition.
    public let blocks: Range<UInt64>

    /// The partition that `entry` describes. Throws `beyondDevice` when it does not lie wholly on the device.
    public init(_ device: any BlockDevice, _ entry: PartitionEntry) throws(PartitionError) {
        guard entry.blocks.upperBound <= device.geometry.blockCount else {
            throw .beyondDevice(number: entry.number)
        }
        self.device = device
        blocks = entry.blocks
    }

    /// The blocks `blocks` of `device`; nil when it has not all of them.
    public init?(_ device: any BlockDevice, blocks: Range<UInt64>) {
        guard blocks.upperBound <= device.geometry.blockCount else { return nil }
        self.device = device
        self.blocks = blocks
    }

    /// That of the device, with the partition's number of blocks.
    public var geometry: BlockGeometry {
        var geometry = device.geometry
        geometry.blockCount = blocks.upperBound - blocks.lowerBound
        return geometry
    }

    /// Reads from the device the blocks from `first` on, counted from the start of the partition.
    public func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        let start = try translate(first, byteCount: buffer.byteCount)
        try device.read(start, into: &buffer)
    }

    /// Writes to the device the blocks from `first` on, counted from the start of the partition.
    public func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        let start = try translate(first, byteCount: buffer.byteCount)
        do {
            try device.write(start, from: buffer)
        } catch {
            throw local(error)
        }
    }

    /// Flushes the whole device.
    public func flush() throws(BlockError) { try device.flush() }

    /// Discards blocks of the partition.
    public func discard(_ range: Range<UInt64>) throws(BlockError) {
        let start = try translate(range.lowerBound, count: range.upperBound - range.lowerBound)
        do {
            try device.discard(start..<start + (range.upperBound - range.lowerBound))
        } catch {
            throw local(error)
        }
    }

    // MARK: Bounds

    private func translate(_ first: UInt64, byteCount: Int) throws(BlockError) -> UInt64 {
        let size = device.geometry.blockSize
        guard byteCount & (size - 1) == 0 else { throw BlockError(.outOfRange) }
        return try translate(first, count: UInt64(byteCount / size))
    }

    private func translate(_ first: UInt64, count: UInt64) throws(BlockError) -> UInt64 {
        let length = blocks.upperBound - blocks.lowerBound
        guard first <= length, count <= length - first else { throw BlockError(.outOfRange) }
        return blocks.lowerBound + first
    }

    /// `error` of the device with its unknown blocks counted from the start of the partition.
    private func local(_ error: BlockError) -> BlockError {
        let unknown = error.unknown.clamped(to: blocks)
        guard !unknown.isEmpty else { return BlockError(error.cause) }
        return BlockError(
            error.cause, unknown: unknown.lowerBound - blocks.lowerBound..<unknown.upperBound - blocks.lowerBound)
    }
}
