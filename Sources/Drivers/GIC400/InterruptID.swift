/// The number by which the GIC knows an interrupt (INTID): 0 to 15 software-generated, 16 to 31 private to a processor,
/// 32 to 1019 shared.
@frozen
public struct InterruptID: Hashable, Sendable {
    /// The INTID, 0 to 1019.
    public let rawValue: UInt32

    /// The interrupt with the INTID `rawValue`. Traps above 1019: those numbers are answers, not interrupts.
    @inlinable
    public init(_ rawValue: UInt32) {
        precondition(rawValue < 1020, "InterruptID: an INTID is at most 1019")
        self.rawValue = rawValue
    }

    /// The software-generated interrupt `number`, 0 to 15.
    @inlinable
    public static func softwareGenerated(_ number: UInt32) -> InterruptID {
        precondition(number < 16, "InterruptID: software-generated interrupts are 0 to 15")
        return InterruptID(number)
    }

    /// The private peripheral interrupt (PPI) `number`, 0 to 15: INTID 16 and up.
    @inlinable
    public static func privatePeripheral(_ number: UInt32) -> InterruptID {
        precondition(number < 16, "InterruptID: private peripheral interrupts are 0 to 15")
        return InterruptID(number + 16)
    }

    /// The shared peripheral interrupt (SPI) `number`, 0 to 987: INTID 32 and up.
    @inlinable
    public static func shared(_ number: UInt32) -> InterruptID { InterruptID(number + 32) }

    /// Whether every processor has its own interrupt of this number.
    @inlinable
    public var isPrivate: Bool { rawValue < 32 }

    /// The interrupt's bit in registers with a bit for each.
    var bit: UInt32 { 1 << (rawValue % 32) }
}
