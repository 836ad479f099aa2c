// How the device works. A converter on the chip measures its temperature all the time, without the firmware. Its result falls by one
// for each 0.487 degrees; two bits say whether it can be used. QEMU has none: the firmware's mailbox tells a temperature there.
import Interfaces

/// The chip's thermometer in the AVS monitor.
///
/// A value without state: copy it freely.
public struct AVSMonitor<Bus: RegisterBus, Time: Clock>: TemperatureSensor {
    private let bus: Bus
    private let time: Time

    /// millidegrees = offset - slope * code.
    private static var offset: Int { 410_040 }
    private static var slope: Int { 487 }

    /// The monitor behind `bus`, a window of 0xF00 bytes. Throws `.absent` when nothing answers there.
    public init(_ bus: Bus, time: Time) throws(DeviceError) {
        guard bus.probe(AVSMonitorRegister.temperatureStatus.offset) != nil else { throw .absent }
        self.bus = bus
        self.time = time
    }

    /// The chip's temperature in thousandths of a degree Celsius, 0 where it is below freezing point. `.timeout` when no result becomes
    /// valid within 10 ms.
    public func millidegreesCelsius() throws(DeviceError) -> Int {
        var status = TemperatureStatus(rawValue: 0)
        let isValid = time.poll(for: .milliseconds(10), every: .microseconds(100)) {
            status = bus.read(AVSMonitorRegister.temperatureStatus)
            return status.isValid
        }
        if !isValid { throw .timeout("AVS_RO_TEMP_STATUS valid") }
        return max(0, Self.offset - Self.slope * status.code)
    }
}
