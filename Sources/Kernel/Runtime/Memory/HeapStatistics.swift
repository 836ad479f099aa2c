/// What the heap has handed out. Bytes unless a name says otherwise.
public struct HeapStatistics: Equatable, Sendable {
    /// Memory the heap may use, its own records included.
    public var capacity: UInt64 = 0
    /// Handed out now, rounded up to the sizes the heap keeps.
    public var inUse: UInt64 = 0
    /// The most that was ever handed out.
    public var peak: UInt64 = 0
    /// Taken from the capacity: what is in use, what its pages hold besides, and the heap's records.
    public var committed: UInt64 = 0
    /// Number of allocations so far.
    public var allocations: UInt64 = 0
    /// Number of blocks given back so far.
    public var frees: UInt64 = 0
    /// Number of requests that could not be met.
    public var failures: UInt64 = 0

    /// All zero.
    public init() {}
}
