import Interfaces
import Mailbox
import RaspberryPi4
import Runtime

/// What the firmware answers to each question. A question it does not know counts as absent.
extension SelfTestRun {
    func checkFirmwareTags() throws(TaskError) {
        try tag("firmware: ARM memory") { firmware throws(DeviceError) in Text(try firmware.armMemory()) }
        try tag("firmware: VideoCore memory") { firmware throws(DeviceError) in Text(try firmware.videoCoreMemory()) }
        try tag("firmware: DMA channels") { firmware throws(DeviceError) in
            "\(hexadecimal: UInt64(try firmware.dmaChannels()), digits: 4)"
        }
        try clock("firmware: ARM clock", .arm)
        try clock("firmware: core clock", .core)
        try clock("firmware: UART clock", .uart)
        try clock("firmware: EMMC clock", .emmc)
        try clock("firmware: EMMC2 clock", .emmc2)
        try measuredClock("firmware: measured ARM clock", .arm)
        try measuredClock("firmware: measured core clock", .core)
        try measuredClock("firmware: measured UART clock", .uart)
        try measuredClock("firmware: measured EMMC2 clock", .emmc2)
        try tag("firmware: voltages") { firmware throws(DeviceError) in
            "core \(volts: try firmware.voltage(.core)), \(try Self.memoryVoltages(&firmware))"
        }
        try tag("firmware: temperature") { firmware throws(DeviceError) in
            "\(celsius: try firmware.temperature()), slows down at \(celsius: try firmware.maximumTemperature())"
        }
        try tag("firmware: throttling") { firmware throws(DeviceError) in
            "\(hexadecimal: UInt64(try firmware.throttleStatus().rawValue))"
        }
        try tag("firmware: GPIO expander") { firmware throws(DeviceError) in
            let supply: Text = try firmware.isHigh(.sdPowerOn) ? "card supply on" : "card supply off"
            return try firmware.isHigh(.sdSignalling1V8) ? "\(supply), signals at 1.8 V" : "\(supply), signals at 3.3 V"
        }
    }

    private static func memoryVoltages(_ firmware: inout Board.Firmware) throws(DeviceError) -> Text {
        let (controller, phy) = (try firmware.voltage(.memoryController), try firmware.voltage(.memoryPHY))
        return "memory \(volts: controller), \(volts: phy) and \(volts: try firmware.voltage(.memoryIO))"
    }

    private func measuredClock(_ name: StaticString, _ clock: FirmwareClock) throws(TaskError) {
        try tag(name) { firmware throws(DeviceError) in "\(frequency: UInt64(try firmware.measuredClockRate(clock)))" }
    }

    private func clock(_ name: StaticString, _ clock: FirmwareClock) throws(TaskError) {
        try tag(name) { firmware throws(DeviceError) in
            let rate = UInt64(try firmware.clockRate(clock))
            guard let highest = try? firmware.maximumClockRate(clock) else { return "\(frequency: rate)" }
            return "\(frequency: rate), at most \(frequency: UInt64(highest))"
        }
    }

    private func tag(
        _ name: StaticString, _ question: (inout Board.Firmware) throws(DeviceError) -> Text
    ) throws(TaskError) {
        try report.check(name) { () throws(Report.Failure) in
            do throws(DeviceError) {
                return try Board.askFirmware(question)
            } catch {
                if case .unsupported = error { throw .absent("this firmware does not know") }
                throw Report.Failure(error)
            }
        }
    }
}

extension Text {
    fileprivate init(_ range: Range<UInt64>) {
        self = "\(size: range.upperBound - range.lowerBound) at \(hexadecimal: range.lowerBound)"
    }
}
