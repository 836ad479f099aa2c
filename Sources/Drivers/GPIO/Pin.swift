/// A pin of the BCM2711: GPIO0 to GPIO57.
@frozen
public struct Pin: Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// The GPIO number, 0 to 57; not the number of a header pin.
    public let number: UInt8

    /// GPIO `number`. Traps above 57.
    @inlinable
    public init(_ number: UInt8) {
        precondition(number < 58, "Pin: the BCM2711 has GPIO 0 to 57")
        self.number = number
    }

    /// GPIO `number`, written as a literal.
    @inlinable
    public init(integerLiteral number: UInt8) { self.init(number) }

    /// Whether the pin connects the Ethernet PHY (RGMII and its MDIO): changing it cuts Ethernet off until a reset.
    public var isReserved: Bool { number == 28 || number == 29 || number >= 46 }
}
