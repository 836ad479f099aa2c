/// What a pin is connected to (GPFSELn; BCM2711 ARM Peripherals 5.2 and table 94 "GPIO Pins Alternative Function Assignment").
public enum PinFunction: UInt32, Sendable {
    /// Read by software.
    case input = 0
    /// Driven by software.
    case output = 1
    /// Alternative function 0.
    case alternative0 = 4
    /// Alternative function 1.
    case alternative1 = 5
    /// Alternative function 2.
    case alternative2 = 6
    /// Alternative function 3.
    case alternative3 = 7
    /// Alternative function 4.
    case alternative4 = 3
    /// Alternative function 5.
    case alternative5 = 2
}
