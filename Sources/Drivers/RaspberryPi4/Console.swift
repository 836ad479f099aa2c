import Boot
import GPIO
import Interfaces
import Mailbox
import PL011
import Runtime

extension Board {
    /// Bits a second of the serial console.
    public static let baud: UInt32 = 115_200

    /// The header's serial port, byte by byte.
    static var consolePort: PL011<MMIO> { PL011(MemoryMap.uart0) }

    /// Takes the PL011 from whatever the firmware left it to, usually the Bluetooth chip, to the header's pins 8 and 10.
    static func configureConsole() {
        let pins = GPIO(MemoryMap.gpio)
        // First away from the Bluetooth chip, so that it does not drive the receive line.
        try? pins.setFunction(.input, of: 32)
        try? pins.setFunction(.input, of: 33)
        try? pins.configure(14, as: .alternative0, pull: .none)
        try? pins.configure(15, as: .alternative0, pull: .up)
        let rate = (try? askFirmware { firmware throws(DeviceError) in try firmware.clockRate(.uart) }) ?? 0
        _ = try? consolePort.configure(baud: baud, clockRate: rate, time: SpinClock())
    }
}
