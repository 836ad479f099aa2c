/// A disk that speaks SCSI in the bulk-only transport, and may do so badly.
public final class DiskModel: USBFunctionModel {
    /// How a disk fails in the middle of a command without saying so: its status tells of success.
    public enum Fault: Sendable {
        /// It halts the endpoint instead of giving or taking any data.
        case halted
        /// It gives half of the data, and then halts the endpoint.
        case cut
        /// It gives half of the data, the last packet being short.
        case short
        /// It gives all of the data, and says that the second half is nothing.
        case residue
        /// It leaves out the data and tells its status at once.
        case skipped
        /// An empty packet follows the data.
        case empty
        /// It answers nothing any more until it is reset.
        case deaf
    }

    /// Its blocks of 512 bytes.
    public var blocks: [[UInt8]]
    /// It cannot be written to.
    public var isProtected = false
    /// TEST UNIT READY fails so often with "becoming ready".
    public var unreadyTimes = 0
    /// It has to be told to start.
    public var needsStart = false
    /// The next commands fail with this sense: key, code, qualifier.
    public var failures: [(UInt8, UInt8, UInt8)] = []
    /// The next commands that move data fail so.
    public var faults: [Fault] = []
    /// The next statuses are garbage.
    public var garbledStatuses = 0
    /// It has no medium.
    public var isEmpty = false
    /// Peripheral qualifier and type.
    public var kind: UInt8 = 0
    /// It names a residue where there is none.
    public var hasFalseResidue = false
    /// Resets to come that it refuses.
    public var refusedResets = 0
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
    private var isDeaf = false
    private var givesEmptyPacket = false
    private var haltsAfterData = false

    /// A disk of `count` blocks of zeros. `packetSize` is what it says about its endpoints.
    public init(speed: UInt32 = 0, count: Int, packetSize: UInt16? = nil) {
        blocks = .init(repeating: .init(repeating: 0, count: 512), count: count)
        bulkSize = Int(packetSize ?? (speed == 0 ? 512 : 64))
        let interface: [UInt8] =
            [9, 4, 0, 0, 2, 8, 6, 0x50, 0] + [7, 5, 0x81, 2] + Self.bytes(UInt16(bulkSize)) + [0] + [7, 5, 0x02, 2]
            + Self.bytes(UInt16(bulkSize)) + [0]
        super.init(
            speed: speed, device: Self.descriptor(packetSize: 64),
            configurations: [Self.configuration(interfaces: 1, interface)])
    }

    public override func control(_ setup: [UInt8], _ data: [UInt8]) -> [UInt8]? {
        guard setup[0] == 0x21, setup[1] == 0xFF else { return nil }
        if refusedResets > 0 {
            refusedResets -= 1
            return nil
        }
        resets += 1
        isDeaf = false
        toGive = nil
        toTake = nil
        status = nil
        givesEmptyPacket = false
        haltsAfterData = false
        return []
    }

    // MARK: - Packets

    public override func output(_ number: UInt8, _ data: [UInt8]) -> USBAnswer {
        if isDeaf { return .nak }
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
        if isDeaf { return .nak }
        if var data = toGive {
            let part = Array(data.prefix(bulkSize))
            data.removeFirst(part.count)
            toGive = data.isEmpty ? nil : data
            if toGive == nil, haltsAfterData { halted.insert(0x81) }
            haltsAfterData = toGive != nil && haltsAfterData
            return .data(part)
        }
        if givesEmptyPacket {
            givesEmptyPacket = false
            return .data([])
        }
        guard let status else { return .nak }
        self.status = nil
        if garbledStatuses > 0 {
            garbledStatuses -= 1
            return .data([UInt8](repeating: 0xEE, count: 13))
        }
        return .data(Array("USBS".utf8) + tag + big(hasFalseResidue ? 512 : residue, 4).reversed() + [status])
    }

    private func finishWrite(_ taking: (first: Int, left: Int, data: [UInt8])) {
        for index in 0..<taking.data.count / 512 {
            blocks[taking.first + index] = Array(taking.data[index * 512..<(index + 1) * 512])
        }
        toTake = nil
        status = 0
    }

    // MARK: - Commands

    private func fail(_ reason: (UInt8, UInt8, UInt8), hasData: Bool, left: Int = 0) {
        sense = reason
        status = 1
        residue = left
        if hasData { halted.insert(0x81) }
    }

    private func perform(_ command: [UInt8], _ length: Int, isIn: Bool) {
        toGive = nil
        residue = 0
        let hasInput = isIn && length > 0
        if command[0] != 0x03, command[0] != 0x12 {
            if isAttention {
                isAttention = false
                return fail((6, 0x29, 0), hasData: hasInput, left: length)
            }
            if let failure = failures.first {
                failures.removeFirst()
                return fail(failure, hasData: hasInput, left: length)
            }
            if isEmpty { return fail((2, 0x3A, 0), hasData: hasInput, left: length) }
            if needsStart, command[0] != 0x1B { return fail((2, 0x04, 2), hasData: hasInput, left: length) }
        }
        status = 0
        if command[0] == 0x28 || command[0] == 0x2A { return transfer(command, length, isIn: isIn) }
        answer(command, hasInput, length)
        guard isIn, let given = toGive, status == 0 else { return }
        toGive = Array(given.prefix(length))
        residue = length - toGive!.count
        if length > 0, !faults.isEmpty { breakOff(faults.removeFirst(), length) }
    }

    private func answer(_ command: [UInt8], _ hasInput: Bool, _ length: Int) {
        switch command[0] {
        case 0x00:
            if unreadyTimes > 0 {
                unreadyTimes -= 1
                fail((2, 0x04, 1), hasData: false)
            }
        case 0x03: toGive = [0x70, 0, sense.0, 0, 0, 0, 0, 10, 0, 0, 0, 0, sense.1, sense.2, 0, 0, 0, 0]
        case 0x12: toGive = [kind, 0x80, 4, 2, 31] + [UInt8](repeating: 0x20, count: 31)
        case 0x1A: toGive = [3, 0, isProtected ? 0x80 : 0, 0]
        case 0x1B: needsStart = false
        case 0x25: toGive = big(isHuge ? 0xFFFF_FFFF : blocks.count - 1, 4) + big(512, 4)
        case 0x35: flushes += 1
        case 0x9E: toGive = big(blocks.count - 1, 8) + big(512, 4) + [UInt8](repeating: 0, count: 20)
        default: fail((5, 0x20, 0), hasData: hasInput, left: length)
        }
    }

    private func transfer(_ command: [UInt8], _ length: Int, isIn: Bool) {
        let first = number(command, 2, 4)
        let count = number(command, 7, 2)
        guard first + count <= blocks.count, count * 512 == length else {
            return fail((5, 0x21, 0), hasData: isIn, left: length)
        }
        if isIn {
            toGive = Array(blocks[first..<first + count].joined())
        } else {
            if isProtected { return fail((7, 0x27, 0), hasData: false, left: length) }
            status = nil
            toTake = (first, length, [])
        }
        if !faults.isEmpty { breakOff(faults.removeFirst(), length) }
    }

    /// Does what a fault does to the command under way.
    private func breakOff(_ fault: Fault, _ length: Int) {
        let isIn = toGive != nil
        status = 0
        switch fault {
        case .halted:
            toGive = nil
            toTake = nil
            residue = length
            halted.insert(isIn ? 0x81 : 0x02)
        case .cut, .short:
            residue = length - length / 2
            toGive = toGive.map { Array($0.prefix(length / 2 - (fault == .short ? 1 : 0))) }
            haltsAfterData = fault == .cut
        case .residue: residue = length / 2
        case .skipped:
            toGive = nil
            residue = length
        case .empty: givesEmptyPacket = true
        case .deaf: isDeaf = true
        }
        if !isIn, toTake != nil { status = nil }
    }

    private func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
        bytes[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
    }

    private func big(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
    }
}
