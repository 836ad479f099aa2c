import Interfaces

/// What the firmware knows about the board.
extension Mailbox {
    /// When the firmware was built, in seconds since 1970. QEMU's is 346337.
    public mutating func firmwareRevision() throws(DeviceError) -> UInt32 { try ask(.firmwareRevision) }

    /// Which board this is.
    public mutating func boardRevision() throws(DeviceError) -> BoardRevision {
        BoardRevision(rawValue: try ask(.boardRevision))
    }

    /// The Ethernet address given to the board, first byte first.
    public mutating func macAddress() throws(DeviceError) -> [6 of UInt8] {
        try begin()
        let answer = append(.macAddress, [0, 0])
        try exchange()
        _ = try answerLength(answer, least: 6)
        let low = word(answer, 0)
        let high = word(answer, 1)
        return [
            UInt8(truncatingIfNeeded: low), UInt8(truncatingIfNeeded: low >> 8), UInt8(truncatingIfNeeded: low >> 16),
            UInt8(truncatingIfNeeded: low >> 24), UInt8(truncatingIfNeeded: high), UInt8(truncatingIfNeeded: high >> 8),
        ]
    }

    /// The board's serial number; 0 in QEMU.
    public mutating func serialNumber() throws(DeviceError) -> UInt64 {
        let (low, high) = try askForPair(.serialNumber)
        return UInt64(high) << 32 | UInt64(low)
    }

    /// The processor's part of the first GiB. Never tells of memory above it: `boardRevision` knows how much there is.
    public mutating func armMemory() throws(DeviceError) -> Range<UInt64> { try memoryRange(.armMemory) }

    /// The VideoCore's part of the first GiB.
    public mutating func videoCoreMemory() throws(DeviceError) -> Range<UInt64> { try memoryRange(.videoCoreMemory) }

    /// The DMA channels that the VideoCore leaves to the processor, a bit for each.
    public mutating func dmaChannels() throws(DeviceError) -> UInt32 { try ask(.dmaChannels) }

    /// Copies the kernel command line to the front of `buffer`, cut off where that ends.
    /// - Returns: the line's length in bytes, or `buffer`'s where that is less. `.invalid` when the line does not fit into
    ///   the message memory.
    public mutating func commandLine(into buffer: inout MutableRawSpan) throws(DeviceError) -> Int {
        try begin()
        let answer = append(.commandLine, [0], capacity: room)
        try exchange()
        let length = min(try answerLength(answer, least: 0), buffer.byteCount)
        for index in 0..<length {
            let byte = UInt8(truncatingIfNeeded: word(answer, index / 4) >> UInt32(index % 4 * 8))
            buffer.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
        }
        return length
    }

    private mutating func memoryRange(_ tag: PropertyTag) throws(DeviceError) -> Range<UInt64> {
        let (base, size) = try askForPair(tag)
        return UInt64(base)..<UInt64(base) + UInt64(size)
    }
}
