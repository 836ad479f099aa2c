import AVSMonitor
import Interfaces
import Mailbox
import RaspberryPi4
import Runtime
import SelfTestChecks
import ShellCore
import SystemTimer

// clock, temperature, led: the board's small devices.

extension Command {
    static var clock: Command {
        Command(name: "clock", usage: "", help: "the time since power-on, and what the clocks run at") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            let generic = SystemTime.now.nanoseconds
            let system = Board.systemTimer.microseconds
            session.line("since power-on: \(decimal: generic, 9) s")
            session.line("generic timer:  \(frequency: Processor.counterFrequency)")
            session.line("system timer:   \(decimal: system, 6) s")
            session.line("time of day:    not known: nothing has set the clock yet")
            rate("ARM clock:      ", .arm, in: session)
            rate("core clock:     ", .core, in: session)
            rate("UART clock:     ", .uart, in: session)
            rate("EMMC2 clock:    ", .emmc2, in: session)
        }
    }

    private static func rate(_ name: StaticString, _ clock: FirmwareClock, in session: Session) {
        var line: Text = "\(name)"
        do throws(DeviceError) {
            let rate = try Board.askFirmware { firmware throws(DeviceError) in try firmware.clockRate(clock) }
            line.append("\(frequency: UInt64(rate))")
        } catch {
            line.append("\(error)")
        }
        let highest = try? Board.askFirmware { firmware throws(DeviceError) in try firmware.maximumClockRate(clock) }
        if let highest { line.append(", at most \(frequency: UInt64(highest))") }
        session.line(line)
    }

    static var temperature: Command {
        Command(name: "temperature", usage: "", help: "how warm the chip is, and whether that slows it down") {
            (session, words) throws(CommandError) in
            guard words.isEmpty else { throw .usage }
            if let value = try? Board.openThermometer().millidegreesCelsius() {
                session.line("\(celsius: value), by the chip's thermometer")
            } else {
                do throws(DeviceError) {
                    session.line("\(celsius: try Board.temperature()), by the firmware")
                } catch {
                    throw .failed("\(error)")
                }
            }
            session.line("throttling: \(throttling)")
        }
    }

    private static var throttling: Text {
        let answer: ThrottleStatus
        do throws(DeviceError) {
            answer = try Board.askFirmware { firmware throws(DeviceError) in try firmware.throttleStatus() }
        } catch {
            return "unknown, \(error)"
        }
        let names: [(ThrottleStatus, StaticString)] = [
            (.underVoltage, "supply too low"), (.frequencyCapped, "frequency capped"), (.throttled, "slowed down"),
            (.softTemperatureLimit, "soft temperature limit"), (.underVoltageOccurred, "supply was too low"),
            (.frequencyCappedOccurred, "frequency was capped"), (.throttledOccurred, "was slowed down"),
            (.softTemperatureLimitOccurred, "soft temperature limit was reached"),
        ]
        var text = Text()
        for (bit, name) in names where answer.contains(bit) {
            if !text.bytes.isEmpty { text.append(", ") }
            text.append("\(name)")
        }
        return text.bytes.isEmpty ? "none, now or since power-on" : text
    }

    static var led: Command {
        Command(name: "led", usage: "on|off", help: "light the green LED, or not", arguments: .words(["on", "off"])) {
            (_, words) throws(CommandError) in
            guard words.count == 1 else { throw .usage }
            if words[0] == Array("on".utf8) {
                Board.setActivityLED(true)
            } else if words[0] == Array("off".utf8) {
                Board.setActivityLED(false)
            } else {
                throw .usage
            }
        }
    }
}
