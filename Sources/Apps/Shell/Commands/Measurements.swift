import AVSMonitor
import DHCP
import Interfaces
import Mailbox
import NTP
import Network
import RaspberryPi4
import Runtime
import SelfTestChecks
import ShellCore
import SystemTimer
import TimeKeeping
import Resolving
import StationAddresses

// clock, temperature, led: the board's small devices.

extension Command {
    static var clock: Command {
        Command(
            name: "clock", usage: "[sync [server...]]",
            help: "the time of day, and clocks; or ask servers for it, by NTP",
            arguments: .words(["sync"])
        ) { (session, words) throws(CommandError) in
            if let first = words.first {
                guard first == Array("sync".utf8) else { throw .usage }
                return try synchronize(words.dropFirst(), session)
            }
            let generic = SystemTime.now.nanoseconds
            let system = Board.systemTimer.microseconds
            session.line("time of day:    \(timeOfDay)")
            showServers(session)
            session.line("since power-on: \(decimal: generic, 9) s")
            session.line("generic timer:  \(frequency: Processor.counterFrequency)")
            session.line("system timer:   \(decimal: system, 6) s")
            rate("ARM clock:      ", .arm, in: session)
            rate("core clock:     ", .core, in: session)
            rate("UART clock:     ", .uart, in: session)
            rate("EMMC2 clock:    ", .emmc2, in: session)
        }
    }

    private static var timeOfDay: Text {
        guard let now = WallClock.now else { return "not known: `clock sync` asks for it" }
        let doubt: Text = "\(decimal: now.uncertainty.nanoseconds / 1000, 3) ms"
        return "\(CivilTime(secondsSince1970: now.seconds)) UTC, give or take \(doubt)"
    }

    private static func showServers(_ session: Session) {
        guard let time = session.shell.network?.time else { return }
        for (index, server) in time.servers.enumerated() {
            let status = time.status(of: index)
            var line: Text = "  by \(server.description): "
            if !status.isReachable {
                line.append("does not answer")
            } else {
                line.append(status.isBelieved ? "believed" : "not believed")
                line.append(", stratum \(UInt64(status.stratum)), \(Int(status.offset / 1000)) us off")
            }
            session.line(line)
        }
    }

    /// Asks the servers that are named, or those that DHCP names, or some of the public pool, and waits for what they say.
    private static func synchronize(_ names: ArraySlice<[UInt8]>, _ session: Session) throws(CommandError) {
        let network = try session.networkWithAddress()
        var servers: [IPAddress] = []
        for name in names { servers.append(try network.address(name)) }
        if servers.isEmpty { servers = (network.addresses.current?.timeServers ?? []).map { IPAddress($0) } }
        if servers.isEmpty {
            let pool = (try? network.names.resolve("pool.ntp.org")) ?? []
            guard !pool.isEmpty else { throw .failed("nobody has named a server, and pool.ntp.org is not found") }
            servers = [IPAddress](pool.prefix(4))
        }
        try network.keepTime(servers: servers)
        let deadline = SystemTime.now + .seconds(10)
        while WallClock.now == nil, SystemTime.now < deadline {
            do throws(TaskError) { try Task.sleep(for: .milliseconds(100)) } catch { throw .cancelled }
        }
        session.line(timeOfDay)
        showServers(session)
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
