/// A part of an address space. Its end always fits: a size that would reach further is cut.
public struct MemoryRegion: Equatable, Sendable {
    /// First address.
    public let start: UInt64
    /// Length in bytes.
    public let size: UInt64

    /// `size` bytes from `start` on, as far as 64 bits of address reach.
    public init(start: UInt64, size: UInt64) {
        self.start = start
        self.size = min(size, .max - start)
    }

    /// The address after the last.
    public var end: UInt64 { start + size }
}
