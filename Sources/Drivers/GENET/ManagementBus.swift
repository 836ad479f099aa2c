import Interfaces

/// The MDIO bus of a GENET: what a PHY's driver talks through.
///
/// A value without state, for one conversation at a time: an access takes some 30 us and waits on the clock, 20 ms at most, and other tasks
/// run meanwhile. `GENET.withPHY` sees to that. The MDC divider stays as the firmware set it.
public struct GENETManagementBus<Bus: RegisterBus, Time: Clock>: MDIOBus {
    private let bus: Bus
    private let time: Time

    /// The bus of the controller behind `bus`. Touches nothing.
    public init(_ bus: Bus, time: Time) {
        self.bus = bus
        self.time = time
    }

    /// Reads a register: see `MDIOBus`.
    public func read(_ register: UInt8, of address: UInt8) throws(DeviceError) -> UInt16 {
        let answer = try run(ManagementCommand(reading: register, of: address))
        if answer.hasFailed { throw .absent }
        return answer.data
    }

    /// Writes a register: see `MDIOBus`.
    public func write(_ value: UInt16, to register: UInt8, of address: UInt8) throws(DeviceError) {
        _ = try run(ManagementCommand(writing: value, to: register, of: address))
    }

    /// The command is written first and started by a second write. Its interrupts do not work in the field: it is polled.
    private func run(_ command: ManagementCommand) throws(DeviceError) -> ManagementCommand {
        // One that ran out of time earlier may still be on the wire. One that a reset has cut off may look busy for ever: then the new one
        // takes its place, as with every other driver, which all do not ask.
        _ = try? awaitIdle()
        var command = command
        bus.write(command, to: GENETRegister.management)
        command.isBusy = true
        bus.write(command, to: GENETRegister.management)
        time.wait(for: .microseconds(30))
        return try awaitIdle()
    }

    private func awaitIdle() throws(DeviceError) -> ManagementCommand {
        var answer = ManagementCommand(rawValue: 0)
        let isIdle = time.poll(for: .milliseconds(10), every: .microseconds(10)) {
            answer = bus.read(GENETRegister.management)
            return !answer.isBusy
        }
        if !isIdle { throw .timeout("UMAC MDIO_CMD START_BUSY") }
        return answer
    }
}
