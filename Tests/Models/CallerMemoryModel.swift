import Interfaces

/// The way to callers' memory in tests: what lies in an arena is reached where the arena says, everything else has to be copied.
@safe public final class CallerMemoryModel: DMAMapping {
    /// Where callers have their buffers.
    public let arena: CoherentArenaModel
    /// Does nothing when asked to clean, as for a driver that forgot to.
    public var forgetsCleans = false
    /// Does nothing when asked to invalidate, as for a driver that forgot to.
    public var forgetsInvalidates = false
    /// What was done wrong so far, in words.
    public private(set) var violations: [String] = []

    /// The way to `arena`.
    public init(_ arena: CoherentArenaModel) { self.arena = arena }

    private func offset(_ address: UnsafeRawPointer, _ count: Int) -> Int? {
        let start = unsafe UInt(bitPattern: arena.bytes.baseAddress!)
        let position = UInt(bitPattern: address)
        guard position >= start, unsafe position + UInt(count) <= start + UInt(arena.bytes.count) else { return nil }
        return Int(position - start)
    }

    /// Where the arena has them.
    public func physicalAddress(of address: UnsafeRawPointer, count: Int) -> UInt64? {
        unsafe offset(address, count).map { arena.physicalAddress + UInt64($0) }
    }

    /// Cleans lines of the arena.
    public func clean(_ address: UnsafeRawPointer, count: Int) {
        guard let start = unsafe offset(address, count) else {
            violations.append("clean outside of the arena")
            return
        }
        if !forgetsCleans { arena.clean(start..<start + count) }
    }

    /// Invalidates lines of the arena. A driver does it before its device writes them, when what they hold may go, and after,
    /// when they hold nothing of the processor's: the arena would have complained of the device's write.
    public func invalidate(_ address: UnsafeRawPointer, count: Int) {
        guard let start = unsafe offset(address, count) else {
            violations.append("invalidate outside of the arena")
            return
        }
        if start % 64 != 0 || count % 64 != 0 { violations.append("invalidate of a part of a line") }
        if !forgetsInvalidates { arena.discard(start..<start + count) }
    }
}
