import GIC400
import GPIO
import Interfaces
import Mailbox
import MiniUART
import Runtime

extension Board {
    nonisolated(unsafe) private static var miniUART: SerialConsole<MiniUART<MMIO>>?

    /// The mini UART as a console beside the first. In QEMU it is the second `-serial`; on the board its signals appear on
    /// the header only where `pins` says so, with alternative function 5 (GPIO 14/15 belong to the first console, 32/33 to
    /// the Bluetooth chip, 40/41 to the audio jack). Once.
    ///
    /// Its baud rate hangs on the core clock, which `enable_uart=1` in config.txt keeps constant.
    public static func openSecondConsole(pins: (transmit: Pin, receive: Pin)? = nil) throws(DeviceError)
        -> SerialConsole<MiniUART<MMIO>>
    {
        let port = MiniUART(MemoryMap.aux)
        guard port.isPresent else { throw .absent }
        let clock = try askFirmware { firmware throws(DeviceError) in try firmware.runningClockRate(.core) }
        if let pins {
            let gpio = GPIO(MemoryMap.gpio)
            try gpio.configure(pins.transmit, as: .alternative5, pull: .none)
            try gpio.configure(pins.receive, as: .alternative5, pull: .up)
        }
        try port.configure(baud: baud, clockRate: clock, time: SpinClock())
        let console = SerialConsole(port)
        unsafe miniUART = console
        enableInterrupt(InterruptMap.aux, name: "mini uart") { unsafe Board.miniUART?.handleInterrupt() }
        return console
    }
}
