/// A keyboard in the boot protocol.
public final class KeyboardModel: USBFunctionModel {
    /// Reports to be given.
    public var reports: [[UInt8]] = []
    /// What the lamps show.
    public private(set) var lamps: UInt8 = 0

    /// A keyboard of `speed`.
    public init(speed: UInt32 = 2) {
        let interface: [UInt8] =
            [9, 4, 0, 0, 1, 3, 1, 1, 0] + [9, 0x21, 0x11, 1, 0, 1, 0x22, 63, 0] + [7, 5, 0x81, 3, 8, 0, 10]
        super.init(
            speed: speed, device: Self.descriptor(packetSize: 8),
            configurations: [Self.configuration(interfaces: 1, interface)])
    }

    /// Presses and releases `key`.
    public func press(_ key: UInt8, modifiers: UInt8 = 0) {
        reports.append([modifiers, 0, key, 0, 0, 0, 0, 0])
        reports.append([0, 0, 0, 0, 0, 0, 0, 0])
    }

    public override func control(_ setup: [UInt8], _ data: [UInt8]) -> [UInt8]? {
        guard setup[0] == 0x21 else { return nil }
        if setup[1] == 9 { lamps = data.first ?? 0 }
        return []
    }

    public override func input(_ number: UInt8, _ size: Int) -> USBAnswer {
        reports.isEmpty ? .nak : .data(reports.removeFirst())
    }
}
