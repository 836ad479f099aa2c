/// The clocks the firmware manages, by its numbers.
public enum FirmwareClock: UInt32, Sendable {
    /// The old SD controller (EMMC1).
    case emmc = 1
    /// The PL011s' UARTCLK.
    case uart = 2
    /// The processor cores.
    case arm = 3
    /// The VideoCore and with it mini UART, SPI and I2C.
    case core = 4
    /// The 3D unit.
    case v3d = 5
    /// Video decoding.
    case h264 = 6
    /// The camera's image processor.
    case isp = 7
    /// The memory.
    case sdram = 8
    /// Pixels on the display.
    case pixel = 9
    /// Pulse width modulation.
    case pwm = 10
    /// Video decoding.
    case hevc = 11
    /// The card's SD controller.
    case emmc2 = 12
}
