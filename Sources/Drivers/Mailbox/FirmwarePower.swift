/// The devices whose power the firmware switches, by its numbers.
public enum FirmwarePower: UInt32, Sendable {
    /// The SD card.
    case sdCard = 0
    /// The PL011.
    case uart0 = 1
    /// The mini UART.
    case uart1 = 2
    /// The USB host controller.
    case usb = 3
    /// I2C0.
    case i2c0 = 4
    /// I2C1.
    case i2c1 = 5
    /// I2C2.
    case i2c2 = 6
    /// SPI.
    case spi = 7
    /// The camera's transmitter.
    case ccp2tx = 8
}
