/// A disk that speaks SCSI in the bulk-only transport.
public final class DiskModel: USBFunctionModel {
    /// Its blocks of 512 bytes.
    public var blocks: [[UInt8]]
    /// It cannot be written to.
    public var isProtected = false
    /// TEST UNIT READY fails so often with "becoming ready".
    public var unreadyTimes = 0
    /// The next commands fail with this sense: key, code, qualifier.
    public var failures: [(UInt8, UInt8, UInt8)] = []
    /// The next statuses are garbage.
    public var garbledStatuses = 0
    /// It has no medium.
    public var isEmpty = false
    /// Times it was reset.
    public private(set) var resets = 0
    /// SYNCHRONIZE CACHE commands.
    public private(set) var flushes = 0
    /// Says that it has more blocks than a command of ten bytes can name.
    public var isHuge = false

    private let bulkSize: Int
    private var sense: (UInt8, UInt8, UInt8) = (6, 0x29, 0)
    private var isAttention = true
    private var tag: [UInt8] = []
    private var toGive: [UInt8]?
    private var status: UInt8?
    private var residue = 0
    private var toTake: (first: Int, left: Int, data: [UInt8])?

    /// A disk of `count` blocks of zeros.
    public init(speed: UInt32 = 0, count: Int) {
        blocks = .init(repeating: .init(repeating: 0, count: 512), count: count)
        bulkSize = speed == 0 ? 512 : 64
        let interface: [UInt8] =
            [9, 4, 0, 0, 2, 8, 6, 0x50, 0] + [7, 5, 0x81, 2] + Self.bytes(UInt16(bulkSize)) + [0] + [7, 5, 0x02, 2]
            + Self.bytes(UInt16(bulkSize)) + [0]
        super.init(
            speed: speed, device: Self.descriptor(packetSize: 64),
            configurations: [Self.configuration(interfaces: 1, interface)])
    }

    public override func control(_ setup: [UInt8], _ data: [UInt8]) -> [UInt8]? {
        guard setup[0] == 0x21, setup[1] == 0xFF else { return nil }
        resets += 1
        toGive = nil
        toTake = nil
        status = nil
        return []
    }

    public override func output(_ number: UInt8, _ data: [UInt8]) -> USBAnswer {
        if var taking = toTake {
            taking.data += data
            taking.left -= data.count
            toTake = taking
            if taking.left <= 0 { finishWrite(taking) }
            return .ack
        }
        guard data.count == 31, Array(data[0..<4]) == Array("USBC".utf8), status == nil else {
            halted = [0x81, 0x02]
            return .stall
        }
        tag = Array(data[4..<8])
        let length = data[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) }
        perform(Array(data[15..<15 + Int(data[14])]), length, isIn: data[12] & 0x80 != 0)
        return .ack
    }

    public override func input(_ number: UInt8, _ size: Int) -> USBAnswer {
        if var data = toGive {
            let part = Array(data.prefix(bulkSize))
            data.removeFirst(part.count)
            toGive = data.isEmpty ? nil : data
            return .data(part)
        }
        guard let status else { return .nak }
        self.status = nil
        if garbledStatuses > 0 {
            garbledStatuses -= 1
            return .data([UInt8](repeating: 0xEE, count: 13))
        }
        return .data(Array("USBS".utf8) + tag + [0, 0, 0, 0, status])
    }

    private func finishWrite(_ taking: (first: Int, left: Int, data: [UInt8])) {
        for index in 0..<taking.data.count / 512 {
            blocks[taking.first + index] = Array(taking.data[index * 512..<(index + 1) * 512])
        }
        toTake = nil
        status = 0
    }

    private func fail(_ reason: (UInt8, UInt8, UInt8), hasData: Bool) {
        sense = reason
        status = 1
        if hasData { halted.insert(0x81) }
    }

    private func perform(_ command: [UInt8], _ length: Int, isIn: Bool) {
        toGive = nil
        if command[0] != 0x03, command[0] != 0x12 {
            if isAttention {
                isAttention = false
                return fail((6, 0x29, 0), hasData: isIn && length > 0)
            }
            if let failure = failures.first {
                failures.removeFirst()
                return fail(failure, hasData: isIn && length > 0)
            }
            if isEmpty { return fail((2, 0x3A, 0), hasData: isIn && length > 0) }
        }
        status = 0
        switch command[0] {
        case 0x00:
            if unreadyTimes > 0 {
                unreadyTimes -= 1
                fail((2, 0x04, 1), hasData: false)
            }
        case 0x03: toGive = [0x70, 0, sense.0, 0, 0, 0, 0, 10, 0, 0, 0, 0, sense.1, sense.2, 0, 0, 0, 0]
        case 0x12: toGive = [UInt8](repeating: 0x20, count: 36)
        case 0x1A: toGive = [3, 0, isProtected ? 0x80 : 0, 0]
        case 0x25: toGive = big(isHuge ? 0xFFFF_FFFF : blocks.count - 1, 4) + big(512, 4)
        case 0x9E: toGive = big(blocks.count - 1, 8) + big(512, 4) + [UInt8](repeating: 0, count: 20)
        case 0x28:
            let first = number(command, 2, 4)
            let count = number(command, 7, 2)
            guard first + count <= blocks.count else { return fail((5, 0x21, 0), hasData: true) }
            toGive = Array(blocks[first..<first + count].joined())
        case 0x2A:
            let first = number(command, 2, 4)
            guard first + length / 512 <= blocks.count else { return fail((5, 0x21, 0), hasData: false) }
            if isProtected { return fail((7, 0x27, 0), hasData: false) }
            status = nil
            toTake = (first, length, [])
        case 0x35: flushes += 1
        default: fail((5, 0x20, 0), hasData: isIn && length > 0)
        }
    }

    private func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
        bytes[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
    }

    private func big(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
    }
}
