import AVSMonitor
import GPIO
import Interfaces
import Mailbox
import RNG200
import Runtime
import SystemTimer

extension Board {
    /// The random number generator. Throws `.absent` in QEMU, which has none.
    public static func openEntropySource() throws(DeviceError) -> RNG200<MMIO, TaskClock> {
        try RNG200(MemoryMap.rng200, time: TaskClock())
    }

    /// The chip's own thermometer. Throws `.absent` in QEMU; there the firmware's is left (`firmwareTemperature`).
    public static func openThermometer() throws(DeviceError) -> AVSMonitor<MMIO, TaskClock> {
        try AVSMonitor(MemoryMap.avsMonitor, time: TaskClock())
    }

    /// The chip's temperature in thousandths of a degree Celsius: from its thermometer, or else from the firmware.
    public static func temperature() throws(DeviceError) -> Int {
        if let thermometer = try? openThermometer(), let value = try? thermometer.millidegreesCelsius() { return value }
        return try askFirmware { firmware throws(DeviceError) in try firmware.temperature() }
    }

    /// Lights or darkens the green activity LED.
    public static func setActivityLED(_ isLit: Bool) {
        let pins = GPIO(MemoryMap.gpio)
        try? pins.setLevel(isLit, of: GPIO<MMIO>.activityLED)
        if pins.function(of: GPIO<MMIO>.activityLED) != .output {
            try? pins.setFunction(.output, of: GPIO<MMIO>.activityLED)
        }
    }

    /// Whether the activity LED is lit.
    public static var isActivityLEDLit: Bool { GPIO(MemoryMap.gpio).isHigh(GPIO<MMIO>.activityLED) }

    /// The free-running counter of microseconds that the firmware uses too: a second opinion on time.
    public static var systemTimer: SystemTimer<MMIO> { SystemTimer(MemoryMap.systemTimer) }
}
