import Interfaces

/// A range of a device's blocks, whose writes are counted.
final class CountingDevice: BlockDevice {
    private let device: any BlockDevice
    private let first: UInt64
    let geometry: BlockGeometry
    /// Blocks written and flushes made so far.
    private(set) var writes = 0
    private(set) var flushes = 0

    init(_ device: any BlockDevice, first: UInt64, count: UInt64) {
        self.device = device
        self.first = first
        geometry = BlockGeometry(blockSize: device.geometry.blockSize, blockCount: count, isReadOnly: false)
    }

    func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        try device.read(self.first + first, into: &buffer)
    }

    func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        writes += buffer.byteCount / geometry.blockSize
        try device.write(self.first + first, from: buffer)
    }

    func flush() throws(BlockError) {
        flushes += 1
        try device.flush()
    }

    func discard(_ blocks: Range<UInt64>) throws(BlockError) {}
}
