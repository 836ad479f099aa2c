/// The resistor inside a pin (GPIO_PUP_PDN_CNTRL_REGn). The encoding is the BCM2711's; older chips swap up and down.
public enum PinPull: UInt32, Sendable {
    /// None: the pin floats.
    case none = 0
    /// To 3.3 V.
    case up = 1
    /// To ground.
    case down = 2
}
