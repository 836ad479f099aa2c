/// A hub with devices at its ports.
public final class HubModel: USBFunctionModel {
    private var ports: [USBFunctionModel?]
    /// wPortStatus and wPortChange of each port.
    private var states: [UInt32]
    /// wHubStatus and wHubChange.
    private var state: UInt32 = 0
    /// Times it had changes to tell.
    public private(set) var reportsGiven = 0
    /// Where this hub's translator is found, when it has one.
    public var translator: TranslatorModel?
    /// Called before a device is pulled out.
    public var willUnplug: (() -> Void)?

    /// A hub with `ports` ports.
    public init(speed: UInt32 = 1, ports: Int) {
        self.ports = .init(repeating: nil, count: ports)
        states = .init(repeating: 0, count: ports)
        let interface: [UInt8] = [9, 4, 0, 0, 1, 9, 0, 0, 0] + [7, 5, 0x81, 3, 2, 0, speed == 0 ? 12 : 255]
        super.init(
            speed: speed, device: Self.descriptor(deviceClass: 9, packetSize: speed == 0 ? 64 : 8),
            configurations: [Self.configuration(interfaces: 1, interface)])
    }

    /// Plugs `device` into `port`, from 1.
    public func plug(_ device: USBFunctionModel, into port: Int) {
        ports[port - 1] = device
        states[port - 1] = states[port - 1] & 1 << 8 | connected(device) | 1 << 16
    }

    private func connected(_ device: USBFunctionModel) -> UInt32 {
        1 | (device.speed == 2 ? 1 << 9 : device.speed == 0 ? 1 << 10 : 0)
    }

    /// Pulls out what is in `port`.
    public func unplug(_ port: Int) {
        willUnplug?()
        ports[port - 1] = nil
        states[port - 1] = states[port - 1] & 1 << 8 | 1 << 16
    }

    /// Too much current is drawn from `port`, for a moment: it loses its power. The hub's own supply changes as well.
    public func overload(_ port: Int) {
        states[port - 1] = 1 << 16 | 1 << 19
        state |= 1 << 16
    }

    public override func find(_ address: UInt8) -> USBFunctionModel? {
        if self.address == address { return self }
        for (index, port) in ports.enumerated() where states[index] & 2 != 0 {
            if let found = port?.find(address) { return found }
        }
        return nil
    }

    public override func reset() {
        super.reset()
        for index in states.indices {
            states[index] = ports[index] == nil ? 0 : states[index] & (1 | 3 << 9) | 1 << 16
        }
    }

    public override func input(_ number: UInt8, _ size: Int) -> USBAnswer {
        var changes: UInt16 = state >> 16 != 0 ? 1 : 0
        for (index, state) in states.enumerated() where state >> 16 != 0 { changes |= 2 << UInt16(index) }
        if changes != 0 { reportsGiven += 1 }
        return changes == 0 ? .nak : .data(Array(Self.bytes(changes).prefix(size)))
    }

    public override func control(_ setup: [UInt8], _ data: [UInt8]) -> [UInt8]? {
        switch (setup[0], setup[1]) {
        case (0x23, 8):
            // CLEAR_TT_BUFFER: endpoint, address, kind, direction.
            translator?.clear(
                hub: address, address: (setup[2] >> 4) | (setup[3] & 7) << 4, endpoint: setup[2] & 15,
                isIn: setup[3] & 0x80 != 0)
            return translator == nil ? nil : []
        case (0xA0, 6): return [9, 0x29, UInt8(ports.count), 0, 0, 50, 0, 0, 0xFF]
        case (0xA0, 0): return Self.bytes(UInt16(state & 0xFFFF)) + Self.bytes(UInt16(state >> 16))
        case (0x20, 1):
            guard setup[2] < 2 else { return nil }
            state &= ~(1 << UInt32(16 + setup[2]))
            return []
        default: return controlPort(setup)
        }
    }

    private func controlPort(_ setup: [UInt8]) -> [UInt8]? {
        let port = Int(setup[4]) - 1
        guard ports.indices.contains(port) else { return nil }
        switch (setup[0], setup[1], setup[2]) {
        case (0xA3, 0, _): return Self.bytes(UInt16(states[port] & 0xFFFF)) + Self.bytes(UInt16(states[port] >> 16))
        case (0x23, 3, 8):
            if states[port] & 1 << 8 == 0, let device = ports[port] { states[port] |= connected(device) | 1 << 16 }
            states[port] |= 1 << 8
        case (0x23, 3, 4):
            guard let device = ports[port] else { return nil }
            device.reset()
            states[port] |= 2 | 1 << 20
        case (0x23, 1, 1): states[port] &= ~2
        case (0x23, 1, 16...20): states[port] &= ~(1 << UInt32(setup[2]))
        default: return nil
        }
        return []
    }
}
