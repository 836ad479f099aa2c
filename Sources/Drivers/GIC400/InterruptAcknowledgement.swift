import Interfaces

/// What the processor interface answers when it is asked for the next interrupt (GICC_IAR, IHI 0048B 4.4.4). It is given back
/// whole at the end: for software-generated interrupts the sender is part of the name.
@frozen
public struct InterruptAcknowledgement: RegisterFields, Equatable, Sendable {
    /// GICC_IAR as read.
    public var rawValue: UInt32

    /// The answer `rawValue`.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The interrupt, or nil when the answer is one of the numbers that are none: 1023, nothing (any more); 1022,
    /// one of a group that the caller may not take.
    @inlinable
    public var interrupt: InterruptID? {
        let number = self[0...9]
        return number < 1020 ? InterruptID(number) : nil
    }

    /// The processor that sent a software-generated interrupt.
    @inlinable
    public var sourceProcessor: UInt32 { self[10...12] }
}
