import Interfaces
import Synchronization

/// Starting, stopping, and the root port.
extension DWC2 {
    /// Resets the core and powers its port, whatever firmware left running. The port's power and the core's are on.
    /// - Throws: `.absent`, `.timeout`, `.unsupported` for a core that cannot move data by itself.
    public func start() throws(USBError) {
        guard Self.isPresent(bus) else { throw .absent }
        // Whoever made the memory may have left lines dirty, which would be written over what the controller puts there.
        memory.clean(0..<DWC2Layout.size)
        bus.write([], to: DWC2Register.busConfiguration)
        bus.write(0, to: DWC2Register.powerAndClocks)
        try resetCore()
        let hardware = bus.read(DWC2Register.hardware2)
        guard hardware.architecture == 2 else { throw .unsupported("internal DMA") }
        guard hardware.channels > Self.reservedChannels else { throw .unsupported("enough channels") }
        bus.modify(DWC2Register.usbConfiguration) {
            // UTMI+ of eight bits, and a host whatever the ID pin says.
            $0.subtract([.wide, .ulpi, .roleProtocols, .forceDevice])
            $0.insert(.forceHost)
        }
        // The core takes 25 ms to change its role (data book; Linux waits as long).
        time.wait(for: .milliseconds(25))
        let isHost = time.poll(for: .milliseconds(200), every: .milliseconds(1)) {
            bus.read(DWC2Register.status).contains(.isHost)
        }
        guard isHost else { throw .timeout("GINTSTS.CurMod") }
        bus.write(.utmi, to: DWC2Register.hostConfiguration)
        try divideFIFO()
        channels = (0..<hardware.channels).map { Channel($0) }
        for channel in channels {
            halt(channel)
            wipe(channel)
        }
        isPortQuiet.store(false, ordering: .relaxed)
        isSplitting.store(false, ordering: .relaxed)
        channels[0].event = { [events] in events.control.raise() }
        channels[1].event = { [events] in events.poll.raise() }
        bus.write(UInt32(1) << UInt32(hardware.channels) - 1, to: DWC2Register.channelMask)
        bus.write(.disconnected, to: DWC2Register.status)
        bus.write(Self.causes, to: DWC2Register.mask)
        bus.write([.dma, .waitsForWrites, .interrupts], to: DWC2Register.busConfiguration)
        bus.write(bus.read(DWC2Register.port).kept.union(.power), to: DWC2Register.port)
        isStarted = true
    }

    /// Ends all traffic. When it has returned the hardware uses no memory.
    /// - Throws: `.timeout` when the core does not come to rest; it may then still write.
    public func stop() throws(DeviceError) {
        guard isStarted else { return }
        isStarted = false
        bus.write([], to: DWC2Register.mask)
        // The port first: to channels that wait for a device it is gone then.
        disableRootPort()
        for channel in channels {
            channel.isOpen = false
            halt(channel)
            wipe(channel)
        }
        bus.write([], to: DWC2Register.busConfiguration)
        do throws(USBError) { try resetCore() } catch { throw .timeout("GRSTCTL.AHBIdle") }
    }

    /// What interrupts.
    static var causes: CoreInterrupts { [.port, .channels, .disconnected] }

    private func resetCore() throws(USBError) {
        guard awaitReset(.idle, isSet: true) else { throw .timeout("GRSTCTL.AHBIdle") }
        bus.write(.core, to: DWC2Register.reset)
        guard awaitReset(.core, isSet: false) else { throw .timeout("GRSTCTL.CSftRst") }
        guard awaitReset(.idle, isSet: true) else { throw .timeout("GRSTCTL.AHBIdle") }
    }

    /// One FIFO for what comes in and two for what goes out, in words: the board has 4080 of them. A packet of 512 bytes is 128.
    private func divideFIFO() throws(USBError) {
        let (receive, transmit, periodic): (UInt32, UInt32, UInt32) = (1024, 1024, 1024)
        bus.write(receive, to: DWC2Register.receiveFIFO)
        bus.write(transmit << 16 | receive, to: DWC2Register.transmitFIFO)
        bus.write(periodic << 16 | (receive + transmit), to: DWC2Register.periodicFIFO)
        bus.write([.transmitFIFO, .everyFIFO], to: DWC2Register.reset)
        guard awaitReset(.transmitFIFO, isSet: false) else { throw .timeout("GRSTCTL.TxFFlsh") }
        bus.write(.receiveFIFO, to: DWC2Register.reset)
        guard awaitReset(.receiveFIFO, isSet: false) else { throw .timeout("GRSTCTL.RxFFlsh") }
    }

    private func awaitReset(_ bit: ResetControl, isSet: Bool) -> Bool {
        time.poll(for: .milliseconds(100), every: .microseconds(10)) {
            bus.read(DWC2Register.reset).contains(bit) == isSet
        }
    }

    // MARK: - Root port

    /// The root port: see `USBHostController`. Lets it interrupt again.
    public var rootPort: USBPortState {
        let port = bus.read(DWC2Register.port)
        var state = USBPortState()
        state.isConnected = port.contains(.connected)
        state.isEnabled = port.contains(.enabled)
        state.isOverCurrent = port.contains(.overCurrent)
        state.hasChanged = port.contains(.connectDetected)
        if !port.isDisjoint(with: .changes) {
            bus.write(port.kept.union(port.intersection(.changes)), to: DWC2Register.port)
        }
        if bus.read(DWC2Register.status).contains(.disconnected) {
            bus.write(.disconnected, to: DWC2Register.status)
            state.hasChanged = true
        }
        isPortQuiet.store(false, ordering: .relaxed)
        letInterrupt()
        return state
    }

    /// Resets what is connected: see `USBHostController`.
    public func resetRootPort() throws(USBError) -> USBSpeed {
        let port = bus.read(DWC2Register.port)
        guard port.contains(.connected) else { throw .disconnected }
        bus.write(port.kept.union(.reset), to: DWC2Register.port)
        // TDRSTR: 50 ms at least. USB 2.0, 7.1.7.5.
        time.wait(for: .milliseconds(60))
        bus.write(bus.read(DWC2Register.port).kept.subtracting(.reset), to: DWC2Register.port)
        let isEnabled = time.poll(for: .milliseconds(100), every: .milliseconds(1)) {
            bus.read(DWC2Register.port).contains(.enabled)
        }
        let result = bus.read(DWC2Register.port)
        bus.write(result.kept.union(.enableChanged), to: DWC2Register.port)
        guard result.contains(.connected) else { throw .disconnected }
        guard isEnabled else { throw .timeout("HPRT0.PrtEna") }
        guard let speed = result.speed else { throw .invalid("HPRT0.PrtSpd") }
        // Firmware left it for another clock; as Linux does it whenever the port is enabled. A PHY of eight bits has 60 MHz.
        bus.write((speed == .high ? 125 : 1000) * 60 - 1, to: DWC2Register.frameInterval)
        // TRSTRCY: 10 ms. USB 2.0, 7.1.7.5.
        time.wait(for: .milliseconds(12))
        return speed
    }

    /// Cuts the root port off: see `USBHostController`.
    public func disableRootPort() {
        bus.write(bus.read(DWC2Register.port).kept.union(.enabled), to: DWC2Register.port)
    }

    /// Whether something is connected to the root port. Takes note of nothing.
    public var isPortConnected: Bool { bus.read(DWC2Register.port).contains(.connected) }

    /// Whether what hangs at the root port can be talked to.
    var isPortEnabled: Bool { bus.read(DWC2Register.port).contains([.connected, .enabled]) }
}
