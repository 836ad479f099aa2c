/// An Ethernet adapter that knows CDC ECM and RNDIS, as QEMU's usb-net does: RNDIS as configuration 2, described first.
public final class AdapterModel: USBFunctionModel {
    /// Frames that were sent.
    public private(set) var sent: [[UInt8]] = []
    /// Frames to be received.
    public var waiting: [[UInt8]] = []
    /// What is to be told at the interrupt endpoint.
    public var notifications: [[UInt8]] = []
    /// Put several RNDIS messages into one transfer.
    public var packsMessages = false
    /// Packet filters that were set.
    public private(set) var filters: [UInt32] = []
    /// Takes no frames for the moment.
    public var isBusy = false

    private let bulkSize: Int
    private var incoming: [UInt8] = []
    /// What is left of the transfer that is being given; nil between two.
    private var outgoing: [UInt8]?
    private var answers: [[UInt8]] = []

    /// An adapter of `speed` whose address is `address`, twelve hexadecimal digits.
    public init(
        speed: UInt32 = 1, address: String = "405400123456", hasECM: Bool = true, hasRNDIS: Bool = true,
        segmentSize: UInt16 = 1514
    ) {
        bulkSize = speed == 0 ? 512 : 64
        let pair: [UInt8] =
            [7, 5, 0x82, 2] + Self.bytes(UInt16(bulkSize)) + [0] + [7, 5, 0x02, 2] + Self.bytes(UInt16(bulkSize)) + [0]
        let status: [UInt8] = [7, 5, 0x81, 3, 16, 0, speed == 0 ? 9 : 32]
        let rndis = Self.configuration(
            value: 2, interfaces: 2,
            [9, 4, 0, 0, 1, 2, 2, 0xFF, 0] + [5, 0x24, 0, 0x10, 1] + [5, 0x24, 6, 0, 1] + status
                + [9, 4, 1, 0, 2, 0x0A, 0, 0, 0] + pair)
        let ecm = Self.configuration(
            value: 1, interfaces: 2,
            [9, 4, 0, 0, 1, 2, 6, 0, 0] + [5, 0x24, 0, 0x10, 1] + [5, 0x24, 6, 0, 1]
                + [13, 0x24, 0x0F, 3, 0, 0, 0, 0] + Self.bytes(segmentSize) + [0, 0, 0] + status
                + [9, 4, 1, 0, 0, 0x0A, 0, 0, 0] + [9, 4, 1, 1, 2, 0x0A, 0, 0, 0] + pair)
        let configurations = (hasRNDIS ? [rndis] : []) + (hasECM ? [ecm] : [])
        super.init(
            speed: speed,
            device: Self.descriptor(
                deviceClass: 2, vendor: 0x0525, product: 0xA4A2, configurations: UInt8(configurations.count)),
            configurations: configurations, strings: ["maker", "adapter", address])
    }

    private var isRNDIS: Bool { configuration == 2 }

    public override func reset() {
        super.reset()
        incoming = []
        outgoing = nil
        answers = []
    }

    // MARK: - Frames

    public override func output(_ number: UInt8, _ data: [UInt8]) -> USBAnswer {
        guard number == 2, isRNDIS || alternates[1] == 1 else { return .stall }
        if isBusy { return .nak }
        incoming += data
        if data.count == bulkSize { return .ack }
        if !incoming.isEmpty { sent.append(isRNDIS ? frame(incoming) : incoming) }
        incoming = []
        return .ack
    }

    private func frame(_ message: [UInt8]) -> [UInt8] {
        guard message.count >= 44, word(message, 0) == 1, Int(word(message, 4)) == message.count else { return [] }
        let start = 8 + Int(word(message, 8))
        return Array(message[start..<start + Int(word(message, 12))])
    }

    public override func input(_ number: UInt8, _ size: Int) -> USBAnswer {
        if number == 1 { return notifications.isEmpty ? .nak : .data(Array(notifications.removeFirst().prefix(size))) }
        guard number == 2 else { return .stall }
        if outgoing == nil {
            guard !waiting.isEmpty else { return .nak }
            outgoing = isRNDIS ? message() : waiting.removeFirst()
        }
        let part = Array(outgoing!.prefix(bulkSize))
        outgoing!.removeFirst(part.count)
        if part.count < bulkSize { outgoing = nil }
        return .data(part)
    }

    private func message() -> [UInt8] {
        var bytes: [UInt8] = []
        repeat {
            let frame = waiting.removeFirst()
            bytes += [1, UInt32(44 + frame.count), 36, UInt32(frame.count), 0, 0, 0, 0, 0, 0, 0].flatMap {
                Self.bytes32($0)
            }
            bytes += frame
        } while packsMessages && !waiting.isEmpty && bytes.count + 44 + waiting[0].count < 2048
        return bytes
    }

    // MARK: - Requests

    public override func control(_ setup: [UInt8], _ data: [UInt8]) -> [UInt8]? {
        switch (setup[0], setup[1]) {
        case (0x21, 0x43) where !isRNDIS:
            filters.append(UInt32(setup[2]))
            return []
        case (0x21, 0x00) where isRNDIS: return command(data)
        case (0xA1, 0x01) where isRNDIS: return answers.isEmpty ? [0] : answers.removeFirst()
        default: return nil
        }
    }

    /// Tells `words` unasked.
    public func tell(_ words: [UInt32]) {
        answers.append(words.flatMap { Self.bytes32($0) })
        notifications.append([1, 0, 0, 0, 0, 0, 0, 0])
    }

    private func command(_ message: [UInt8]) -> [UInt8]? {
        let number = word(message, 8)
        switch word(message, 0) {
        case 2: answers.append([0x8000_0002, 52, number, 0, 1, 0, 1, 0, 1, 1580, 0, 0, 0].flatMap { Self.bytes32($0) })
        case 4:
            let address = stride(from: 0, to: 12, by: 2).map { UInt8(strings[2].dropFirst($0).prefix(2), radix: 16)! }
            answers.append([0x8000_0004, 30, number, 0, 6, 16].flatMap { Self.bytes32($0) } + address)
        case 5:
            filters.append(word(message, 28))
            answers.append([0x8000_0005, 16, number, 0].flatMap { Self.bytes32($0) })
        case 0x8000_0008: keptAlive += 1
        default: return nil
        }
        return []
    }

    /// Answers to keep-alive messages.
    public private(set) var keptAlive = 0

    private func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        guard offset + 4 <= bytes.count else { return 0 }
        return bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func bytes32(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}
