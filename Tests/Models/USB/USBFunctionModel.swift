/// What a device answers to a packet.
public enum USBAnswer: Equatable, Sendable {
    /// Data, for a packet that asks for some.
    case data([UInt8])
    /// The packet was taken.
    case ack
    /// Not now.
    case nak
    /// Never, until the halt is cleared.
    case stall
    /// Nothing: the host sees an error.
    case silence
}

/// A device on the bus, below the level of addresses: what it describes itself as and how it answers.
///
/// The base class speaks endpoint 0; devices override what is of their class.
open class USBFunctionModel {
    /// 0 high, 1 full, 2 low speed.
    public let speed: UInt32
    /// The device descriptor, 18 bytes.
    public var deviceDescriptor: [UInt8]
    /// The configurations, whole.
    public var configurationDescriptors: [[UInt8]]
    /// Strings by number, from 1.
    public var strings: [String]

    /// The language that its strings are in.
    public var language: UInt16 = 0x0409

    /// The address that it has.
    public private(set) var address: UInt8 = 0
    /// bConfigurationValue; 0 when not configured.
    public private(set) var configuration: UInt8 = 0
    /// Alternatives of interfaces that were chosen.
    public private(set) var alternates: [UInt8: UInt8] = [:]
    /// Requests so far, by type and number.
    public private(set) var requests: [[UInt8]] = []
    /// Endpoints that are halted, by their address.
    public var halted: Set<UInt8> = []
    /// Times a halt was cleared.
    public private(set) var clearedHalts = 0

    /// Every packet is answered so, as long as it is set.
    public var misbehaviour: USBAnswer?
    /// So many packets are not answered, then all is well.
    public var silentPackets = 0
    /// Endpoints beside endpoint 0 whose next packet is a DATA1, by their address.
    private var odd: Set<UInt8> = []

    private var setup: [UInt8] = []
    private var answer: [UInt8] = []
    private var received: [UInt8] = []
    private var isRefused = false

    /// A device of `speed`.
    public init(speed: UInt32, device: [UInt8], configurations: [[UInt8]], strings: [String] = []) {
        self.speed = speed
        deviceDescriptor = device
        configurationDescriptors = configurations
        self.strings = strings
    }

    /// The port was reset.
    open func reset() {
        address = 0
        configuration = 0
        alternates = [:]
        halted = []
        odd = []
        setup = []
    }

    /// A device descriptor.
    public static func descriptor(
        deviceClass: UInt8 = 0, packetSize: UInt8 = 64, vendor: UInt16 = 0x1234, product: UInt16 = 0x5678,
        configurations: UInt8 = 1
    ) -> [UInt8] {
        [18, 1, 0, 2, deviceClass, 0, 0, packetSize] + [vendor, product, 0x0100].flatMap { bytes($0) }
            + [1, 2, 3, configurations]
    }

    /// A configuration of `parts`, which are descriptors one after the other.
    public static func configuration(value: UInt8 = 1, interfaces: UInt8, _ parts: [UInt8]) -> [UInt8] {
        [9, 2] + bytes(UInt16(9 + parts.count)) + [interfaces, value, 0, 0x80, 50] + parts
    }

    /// The two bytes of `value`.
    public static func bytes(_ value: UInt16) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8)] }

    // MARK: - Packets

    /// A setup packet for endpoint 0.
    func takeSetup(_ bytes: [UInt8]) -> USBAnswer {
        if let wrong = wrong() { return wrong }
        setup = bytes
        received = []
        isRefused = false
        requests.append(Array(bytes.prefix(2)))
        let isIn = bytes[0] & 0x80 != 0
        let length = Int(bytes[6]) | Int(bytes[7]) << 8
        if isIn {
            if let data = standardAnswer(bytes) ?? control(bytes, []) {
                answer = Array(data.prefix(length))
            } else {
                isRefused = true
            }
        } else if length == 0 {
            isRefused = !finish([])
        }
        return .ack
    }

    /// A packet to endpoint `number`. Marked otherwise than the next one has to be it is the last one again: taken, and thrown away.
    func take(_ data: [UInt8], at number: UInt8, marked mark: UInt32? = nil) -> USBAnswer {
        if let wrong = wrong() { return wrong }
        if number == 0 { return takeRequestData(data) }
        if halted.contains(number) { return .stall }
        if let mark, mark != self.mark(number) { return .ack }
        let answer = output(number, data)
        if answer == .ack { turn(number) }
        return answer
    }

    private func takeRequestData(_ data: [UInt8]) -> USBAnswer {
        if isRefused { return .stall }
        // The status of a request for data, or the data of another.
        if data.isEmpty { return .ack }
        received += data
        let length = Int(setup[6]) | Int(setup[7]) << 8
        if received.count >= length { isRefused = !finish(received) }
        return isRefused ? .stall : .ack
    }

    /// A packet that asks endpoint `number` for up to `size` bytes, and how it is marked. What is given arrives.
    func give(_ size: Int, from number: UInt8) -> (USBAnswer, UInt32) {
        if let wrong = wrong() { return (wrong, 0) }
        if number == 0 { return (giveRequestData(size), 2) }
        if halted.contains(number | 0x80) { return (.stall, 0) }
        let mark = mark(number | 0x80)
        let answer = input(number, size)
        if case .data = answer { turn(number | 0x80) }
        return (answer, mark)
    }

    private func giveRequestData(_ size: Int) -> USBAnswer {
        if isRefused { return .stall }
        guard !setup.isEmpty else { return .stall }
        if setup[0] & 0x80 == 0 {
            // The status stage: an address counts from here on.
            if setup[0] == 0, setup[1] == 5 { address = setup[2] }
            return .data([])
        }
        let part = Array(answer.prefix(min(size, Int(deviceDescriptor[7]))))
        answer.removeFirst(part.count)
        return .data(part)
    }

    /// What the next packet of an endpoint is marked with: 0 or 2, as in HCTSIZ.
    private func mark(_ endpoint: UInt8) -> UInt32 { odd.contains(endpoint) ? 2 : 0 }

    private func turn(_ endpoint: UInt8) {
        if odd.remove(endpoint) == nil { odd.insert(endpoint) }
    }

    private func wrong() -> USBAnswer? {
        if silentPackets > 0 {
            silentPackets -= 1
            return .silence
        }
        return misbehaviour
    }

    // MARK: - Requests

    private func standardAnswer(_ setup: [UInt8]) -> [UInt8]? {
        guard setup[0] == 0x80, setup[1] == 6 else { return nil }
        let index = Int(setup[2])
        switch setup[3] {
        case 1: return deviceDescriptor
        case 2: return index < configurationDescriptors.count ? configurationDescriptors[index] : nil
        case 3:
            if index == 0 { return [4, 3] + Self.bytes(language) }
            guard index <= strings.count, Array(setup[4...5]) == Self.bytes(language) else { return nil }
            let text = strings[index - 1].utf16.flatMap { Self.bytes($0) }
            return [UInt8(2 + text.count), 3] + text
        default: return nil
        }
    }

    private func finish(_ data: [UInt8]) -> Bool {
        switch (setup[0], setup[1]) {
        case (0x00, 5): return true
        case (0x00, 9):
            configuration = setup[2]
            odd = []
            return configurationDescriptors.contains { $0.count > 5 && $0[5] == setup[2] }
        case (0x01, 11):
            alternates[setup[4]] = setup[2]
            odd = []
            return true
        case (0x02, 1):
            halted.remove(setup[4])
            odd.remove(setup[4])
            clearedHalts += 1
            return true
        default: return control(setup, data) != nil
        }
    }

    /// As if `configuration` had been chosen by a request.
    public func choose(_ configuration: UInt8) { self.configuration = configuration }

    // MARK: - What devices override

    /// A request of the class; its answer, empty for one without, or nil to refuse.
    open func control(_ setup: [UInt8], _ data: [UInt8]) -> [UInt8]? { nil }
    /// A packet for endpoint `number`.
    open func output(_ number: UInt8, _ data: [UInt8]) -> USBAnswer { .stall }
    /// A packet from endpoint `number`.
    open func input(_ number: UInt8, _ size: Int) -> USBAnswer { .stall }

    /// The device that has `address`, here or behind this one, with the hub that translates for it.
    open func find(_ address: UInt8) -> USBFunctionModel? { self.address == address ? self : nil }
}
