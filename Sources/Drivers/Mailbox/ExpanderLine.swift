/// The lines of the GPIO expander on the Pi 4 B, which only the firmware reaches.
public enum ExpanderLine: UInt32, Sendable {
    /// BT_ON: high lets Bluetooth out of reset.
    case bluetoothOn = 0
    /// WL_ON: high lets the wireless LAN out of reset.
    case wirelessOn = 1
    /// PWR_LED_OFF: low lights the red LED.
    case powerLEDOff = 2
    /// GLOBAL_RESET.
    case globalReset = 3
    /// VDD_SD_IO_SEL: the card's signalling voltage, low 3.3 V, high 1.8 V. Settles in 5 ms.
    case sdSignalling1V8 = 4
    /// CAM_GPIO: the camera's regulator.
    case camera = 5
    /// SD_PWR_ON: the card's supply.
    case sdPowerOn = 6

    /// The firmware's number for it: expander lines follow the chip's pins from 128 on.
    var gpio: UInt32 { 128 + rawValue }
}
