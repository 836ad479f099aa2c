/// A hub with devices at its ports.
public final class HubModel: USBFunctionModel {
    private var ports: [USBFunctionModel?]
    /// wPortStatus and wPortChange of each port.
    private var states: [UInt32]
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
        let speed: UInt32 = device.speed == 2 ? 1 << 9 : device.speed == 0 ? 1 << 10 : 0
        states[port - 1] = states[port - 1] & 1 << 8 | 1 | speed | 1 << 16
    }

    /// Pulls out what is in `port`.
    public func unplug(_ port: Int) {
        willUnplug?()
        ports[port - 1] = nil
        states[port - 1] = states[port - 1] & 1 << 8 | 1 << 16
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
        var changes: UInt16 = 0
        for (index, state) in states.enumerated() where state >> 16 != 0 { changes |= 2 << UInt16(index) }
        return changes == 0 ? .nak : .data(Array(Self.bytes(changes).prefix(size)))
    }

    public override func control(_ setup: [UInt8], _ data: [UInt8]) -> [UInt8]? {
        if setup[0] == 0xA0, setup[1] == 6 { return [9, 0x29, UInt8(ports.count), 0, 0, 50, 0, 0, 0xFF] }
        let port = Int(setup[4]) - 1
        guard ports.indices.contains(port) else { return nil }
        switch (setup[0], setup[1], setup[2]) {
        case (0xA3, 0, _): return Self.bytes(UInt16(states[port] & 0xFFFF)) + Self.bytes(UInt16(states[port] >> 16))
        case (0x23, 3, 8): states[port] |= 1 << 8
        case (0x23, 3, 4):
            guard let device = ports[port] else { return nil }
            device.reset()
            states[port] |= 2 | 1 << 20
        case (0x23, 1, 16...20): states[port] &= ~(1 << UInt32(setup[2]))
        default: return nil
        }
        return []
    }
}
