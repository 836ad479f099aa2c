import Interfaces

/// A window behind which nothing answers: a probe says so, an access brings the test down as it would the board.
public struct AbsentBus: RegisterBus {
    /// The window.
    public init() {}

    /// Traps.
    public func read(_ offset: Int) -> UInt32 { fatalError("read of \(offset) on an absent device") }

    /// Traps.
    public func write(_ value: UInt32, at offset: Int) { fatalError("write to \(offset) on an absent device") }

    /// Nil.
    public func probe(_ offset: Int) -> UInt32? { nil }
}
