/// What switches the card's power, outside the controller: on the Pi 4 the firmware's GPIO expander. The board implements it.
public protocol CardSupply {
    /// Turns the card's supply off and on again, with 3.3 V signalling: the only way to bring back a card that an earlier boot
    /// stage left at 1.8 V. Returns when the supply is stable (off for 10 ms, on for 5 ms); at once where nothing
    /// can be switched, as in QEMU.
    func cyclePower()

    /// Turns the card's supply on, with 3.3 V signalling, if it is not. Returns when it is stable.
    func turnOn()
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
