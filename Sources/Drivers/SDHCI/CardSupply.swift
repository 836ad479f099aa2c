/// What switches the card's power and the voltage of its signals, outside the controller: on the Pi 4 the firmware's GPIO expander.
/// The board implements it.
public protocol CardSupply {
    /// Turns the card's supply off and on again, with 3.3 V signalling: the only way to bring back a card that signals at
    /// 1.8 V. The driver has taken clock and bus power from the card before. Returns when the supply is stable (off for 10 to 20 ms, on for 10 ms, as Linux
    /// does it), and never without having tried to turn it on again, whatever failed before; at once where nothing can be switched, as in QEMU.
    func cyclePower()

    /// Turns the card's supply on, with 3.3 V signalling, if it is not; a card that was left at 1.8 V is turned off before. The driver has taken clock
    /// and bus power from the card. Returns when the supply is stable.
    func turnOn()

    /// Whether the voltage of the card's signals can be switched.
    var canSignalAt1V8: Bool { get }

    /// Switches the card's signals to 1.8 V, while its clock is stopped. Returns when they are, 5 ms later (SD Physical Layer Simplified
    /// Specification 6.00, 4.2.4.2), or false when they are not.
    func signalAt1V8() -> Bool
}

extension CardSupply {
    /// Cannot.
    public var canSignalAt1V8: Bool { false }

    /// Does not.
    public func signalAt1V8() -> Bool { false }
}

/// A supply that is always on and cannot be switched.
public struct FixedCardSupply: CardSupply {
    /// The supply.
    public init() {}

    /// Nothing to switch.
    public func cyclePower() {}

    /// Nothing to switch.
    public func turnOn() {}
}
