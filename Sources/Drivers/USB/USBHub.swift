import Interfaces

/// The driver of a hub: sees who comes and goes at its ports. USB 2.0, 11.24.
final class USBHub: USBClassDriver {
    static var deviceClass: UInt8 { 9 }
    /// How often it is asked at the slowest and the fastest.
    private static var periods: (Interval, Interval) { (.milliseconds(32), .milliseconds(128)) }

    /// Features of a port.
    private enum Feature {
        static var enable: UInt16 { 1 }
        static var reset: UInt16 { 4 }
        static var power: UInt16 { 8 }
        static var connectionChange: UInt16 { 16 }
        static var resetChange: UInt16 { 20 }
    }

    /// A port's status in the lower half and what has changed in the upper.
    private struct PortStatus: OptionSet {
        var rawValue: UInt32
        static var connected: PortStatus { PortStatus(rawValue: 1) }
        static var enabled: PortStatus { PortStatus(rawValue: 1 << 1) }
        static var overCurrent: PortStatus { PortStatus(rawValue: 1 << 3) }
        static var reset: PortStatus { PortStatus(rawValue: 1 << 4) }
        static var lowSpeed: PortStatus { PortStatus(rawValue: 1 << 9) }
        static var highSpeed: PortStatus { PortStatus(rawValue: 1 << 10) }
        static var connectionChanged: PortStatus { PortStatus(rawValue: 1 << 16) }
        static var overCurrentChanged: PortStatus { PortStatus(rawValue: 1 << 19) }
        static var resetChanged: PortStatus { PortStatus(rawValue: 1 << 20) }

        var speed: USBSpeed { contains(.highSpeed) ? .high : contains(.lowSpeed) ? .low : .full }
    }

    let name: StaticString = "hub"
    // The bus keeps its hubs, and lives as long as anything calls them.
    private unowned(unsafe) let bus: USBBus
    private var status: USBPolledEndpoint?
    private var period = Interval.milliseconds(128)
    private var nextPoll = Instant(nanoseconds: 0)
    /// What is plugged into each port; port 1 first.
    private var children: [USBDevice?] = []
    /// Bit n: port n is to be looked at; bit 0: the hub itself.
    private var pending: UInt32 = 0

    init(_ bus: USBBus) { unsafe self.bus = bus }

    func attach(_ device: USBDevice) throws(USBError) -> Bool {
        let found = device.firstConfiguration { configuration in
            configuration.interfaces.first { $0.interfaceClass == Self.deviceClass }?.endpoint(.interrupt, isIn: true)
        }
        guard let found else { throw .invalid("hub's endpoint") }
        guard found.use.packetSize <= 64 else { throw .invalid("hub's endpoint") }
        try device.configure(found.configuration)
        let descriptor = try device.read(0xA0, 6, value: 0x2900, count: 9)
        guard descriptor.count >= 7, descriptor[1] == 0x29 else { throw .invalid("hub descriptor") }
        let ports = descriptor[2]
        guard (1...31).contains(ports) else { throw .invalid("bNbrPorts") }
        children = [USBDevice?](repeating: nil, count: Int(ports))
        for port in 1...ports { try setFeature(Feature.power, port, of: device) }
        // bPwrOn2PwrGood, in units of 2 ms; never less than a plug may bounce.
        device.controller.wait(for: max(.milliseconds(2 * UInt64(descriptor[5])), USBBus.debounce))
        status = USBPolledEndpoint(found.use)
        period = min(max(found.use.period(at: device.target.speed), Self.periods.0), Self.periods.1)
        // Whatever is there already is not told of.
        pending = .max << 1 & (.max >> (31 - UInt32(ports)))
        nextPoll = device.controller.now
        return true
    }

    func detach(_ device: USBDevice) {
        for child in children { if let child { unsafe bus.remove(child) } }
        children = []
        status = nil
    }

    func service(_ device: USBDevice) -> Instant {
        guard device.controller.now >= nextPoll else { return nextPoll }
        askForChanges(device)
        if pending & 1 != 0 {
            pending &= ~1
            try? lookAtHub(device)
        }
        for port in 1...UInt8(max(children.count, 1)) where pending & 1 << UInt32(port) != 0 {
            pending &= ~(1 << UInt32(port))
            // What fails now is told again by the hub.
            try? look(at: port, of: device)
            guard device.isPresent else { return .never }
        }
        nextPoll = device.controller.now + period
        return nextPoll
    }

    private func askForChanges(_ device: USBDevice) {
        guard var endpoint = status else { return }
        var bytes: [4 of UInt8] = [0, 0, 0, 0]
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        let count = device.poll(&endpoint, into: &raw)
        status = endpoint
        for index in 0..<min(count ?? 0, 4) { pending |= UInt32(bytes[index]) << UInt32(8 * index) }
    }

    /// Takes note of what the hub says about its own supply, which it tells until somebody has: the two changes have the numbers of their features.
    private func lookAtHub(_ device: USBDevice) throws(USBError) {
        let bytes = try device.read(0xA0, 0, count: 4)
        guard bytes.count == 4 else { throw .invalid("wHubStatus") }
        for change: UInt16 in 0...1 where bytes.word(2) & 1 << change != 0 {
            try device.request(0x20, 1, value: change)
        }
    }

    /// Sees what has happened at `port`.
    private func look(at port: UInt8, of device: USBDevice) throws(USBError) {
        var state = try portStatus(port, of: device)
        for change: UInt32 in 16...20 where state.rawValue & 1 << change != 0 {
            // The change's feature has the number of its bit.
            try clearFeature(UInt16(change), port, of: device)
        }
        if state.contains(.overCurrentChanged), !state.contains(.overCurrent) {
            // The hub has cut it off. USB 2.0, 11.12.5.
            try setFeature(Feature.power, port, of: device)
            device.controller.wait(for: USBBus.debounce)
        }
        let index = Int(port) - 1
        if let child = children[index] {
            guard state.contains(.connectionChanged) || !state.contains([.connected, .enabled]) else { return }
            children[index] = nil
            unsafe bus.remove(child)
        }
        guard state.contains(.connected) else { return }
        device.controller.wait(for: USBBus.debounce)
        state = try portStatus(port, of: device)
        guard state.contains(.connected) else { return }
        let child = unsafe bus.enumerate(device.path + [port], below: device) { () throws(USBError) in
            try self.reset(port, of: device)
        }
        // Nobody is left behind who answers at an address that others are given.
        if child == nil { try? clearFeature(Feature.enable, port, of: device) }
        // Whoever asked the device waited, and the hub may have gone meanwhile.
        if children.indices.contains(index) {
            children[index] = child
        } else if let child {
            unsafe bus.remove(child)
        }
    }

    /// Resets what is plugged into `port`.
    private func reset(_ port: UInt8, of device: USBDevice) throws(USBError) -> USBSpeed {
        try setFeature(Feature.reset, port, of: device)
        // 10 to 20 ms; the hub times it. USB 2.0, 11.5.1.5.
        for _ in 0..<50 {
            device.controller.wait(for: .milliseconds(10))
            let state = try portStatus(port, of: device)
            if !state.contains(.connected) { throw .disconnected }
            guard state.contains(.resetChanged), !state.contains(.reset) else { continue }
            try clearFeature(Feature.resetChange, port, of: device)
            guard state.contains(.enabled) else { throw .noAnswer }
            device.controller.wait(for: .milliseconds(12))
            return state.speed
        }
        throw .timeout("C_PORT_RESET")
    }

    private func portStatus(_ port: UInt8, of device: USBDevice) throws(USBError) -> PortStatus {
        let bytes = try device.read(0xA3, 0, index: UInt16(port), count: 4)
        guard bytes.count == 4 else { throw .invalid("wPortStatus") }
        return PortStatus(rawValue: UInt32(bytes.word(0)) | UInt32(bytes.word(2)) << 16)
    }

    private func setFeature(_ feature: UInt16, _ port: UInt8, of device: USBDevice) throws(USBError) {
        try device.request(0x23, 3, value: feature, index: UInt16(port))
    }

    private func clearFeature(_ feature: UInt16, _ port: UInt8, of device: USBDevice) throws(USBError) {
        try device.request(0x23, 1, value: feature, index: UInt16(port))
    }
}
