// The AVS monitor is not in the BCM2711 manual. Register and coefficients as in the device tree bindings "brcm,bcm2711-thermal".
import Interfaces

/// The registers of the AVS monitor that the driver uses.
enum AVSMonitorRegister {
    /// AVS_RO_TEMP_STATUS.
    static var temperatureStatus: Register<TemperatureStatus> { Register(0x200) }
}

/// AVS_RO_TEMP_STATUS.
struct TemperatureStatus: RegisterFields {
    var rawValue: UInt32

    /// The converter's result.
    var code: Int { Int(self[0...9]) }
    /// Both bits that say that the result can be used.
    var isValid: Bool { self[10...10] != 0 && self[16...16] != 0 }
}
