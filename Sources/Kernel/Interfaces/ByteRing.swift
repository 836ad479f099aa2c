/// A queue of at most `capacity` bytes between one side that puts and one that takes.
///
/// `capacity` is a power of two. The two indices run freely through all 32 bits and are cut to a position only when the
/// storage is touched: full (`capacity` apart) and empty (equal) differ without a spare slot. Nothing is allocated.
/// Not safe against an interrupt handler by itself: the owner masks interrupts around each call.
public struct ByteRing<let capacity: Int>: ~Copyable {
    @usableFromInline var storage: InlineArray<capacity, UInt8>
    /// Bytes ever put, modulo 2^32.
    @usableFromInline var producerIndex: UInt32
    /// Bytes ever taken, modulo 2^32.
    @usableFromInline var consumerIndex: UInt32

    /// An empty ring. `startingAt` is where both indices start: of use to tests that want to see them wrap.
    @inlinable
    public init(startingAt index: UInt32 = 0) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "ByteRing: the capacity is a power of two")
        storage = InlineArray(repeating: 0)
        producerIndex = index
        consumerIndex = index
    }

    /// Number of bytes in the ring.
    @inlinable
    public var count: Int { Int(producerIndex &- consumerIndex) }

    /// Number of bytes that can be put before the ring is full.
    @inlinable
    public var space: Int { capacity - count }

    /// Whether nothing can be taken.
    @inlinable
    public var isEmpty: Bool { producerIndex == consumerIndex }

    /// Puts `byte` at the end. Returns false, and changes nothing, when the ring is full.
    @inlinable
    public mutating func put(_ byte: UInt8) -> Bool {
        if space == 0 { return false }
        storage[Self.position(producerIndex)] = byte
        producerIndex &+= 1
        return true
    }

    /// Takes the oldest byte, or nil when the ring is empty.
    @inlinable
    public mutating func take() -> UInt8? {
        if isEmpty { return nil }
        let byte = storage[Self.position(consumerIndex)]
        consumerIndex &+= 1
        return byte
    }

    /// The oldest byte, which stays in the ring; nil when the ring is empty.
    @inlinable
    public var first: UInt8? { isEmpty ? nil : storage[Self.position(consumerIndex)] }

    /// Where in the storage the byte with the free-running index `index` lies.
    @inlinable
    static func position(_ index: UInt32) -> Int { Int(index) & (capacity - 1) }
}
