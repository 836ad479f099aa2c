import Interfaces

/// The mailboxes and the firmware behind them: it goes through a message as that of the board does, by `FirmwareTag`'s table.
public final class MailboxModel: RegisterModel {
    /// How long the firmware takes; nil: it never answers.
    public var latency: Interval? = .microseconds(50)
    /// How it treats what it does not know: as the board's does, which ends the message there, or as QEMU's.
    public var unknownTag = FirmwareTag.Style.unknown
    /// How it treats single tags, where not as the board's does.
    public var style: [UInt32: FirmwareTag.Style] = [:]
    /// The answers, by tag: request values in, answer values out. Others it does not know.
    public var tags: [UInt32: ([UInt32]) -> [UInt32]] = [:]
    /// Lengths in bytes that the firmware claims for the answer to a tag instead of the right one.
    public var claimedLength: [UInt32: UInt32] = [:]
    /// Sizes in bytes that the firmware puts in the place of a tag's own.
    public var changedSize: [UInt32: UInt32] = [:]
    /// The message's response code; nil for the right one.
    public var responseCode: UInt32?
    /// Whether the answer comes with the plain address instead of the one that was written.
    public var answersWithPlainAddress = false
    /// Words that arrive ahead of the next answer.
    public var wordsAhead: [UInt32] = []
    /// MBOX1 never has room.
    public var isFull = false
    /// What was done wrong so far, in words.
    public private(set) var violations: [String] = []
    /// Tags asked for, in order.
    public private(set) var asked: [UInt32] = []
    /// Messages received.
    public private(set) var messages = 0

    private let clock: VirtualClock
    private let memory: CoherentMemoryModel
    private var inbox: [UInt32] = []

    /// Mailboxes on `clock` whose firmware reaches `memory`, with `stale` words left from an earlier stage.
    public init(_ clock: VirtualClock, memory: CoherentMemoryModel, stale: [UInt32] = []) {
        self.clock = clock
        self.memory = memory
        inbox = stale
    }

    /// Everything that was done wrong, to the memory as well.
    public var allViolations: [String] { violations + memory.violations }

    /// Reads a register.
    public func read(_ offset: Int) -> UInt32 {
        switch offset {
        case 0x00:
            if inbox.isEmpty {
                violations.append("read of an empty mailbox")
                return 0
            }
            return inbox.removeFirst()
        case 0x18: return inbox.isEmpty ? 1 << 30 : inbox.count >= 8 ? 1 << 31 : UInt32(inbox.count)
        case 0x38: return isFull ? 1 << 31 : 1 << 30
        default:
            violations.append("read of offset \(offset)")
            return 0
        }
    }

    /// Writes a register.
    public func write(_ value: UInt32, at offset: Int) {
        switch offset {
        case 0x1C: break
        case 0x20:
            if isFull { violations.append("write to a full mailbox") }
            receive(value)
        default: violations.append("write to offset \(offset)")
        }
    }

    private func receive(_ word: UInt32) {
        messages += 1
        if word & 0xF != 8 { violations.append("channel \(word & 0xF)") }
        if UInt64(word & 0x3FFF_FFF0) != memory.physicalAddress { violations.append("message at \(word)") }
        inbox += wordsAhead
        wordsAhead = []
        guard let latency else { return }
        clock.schedule(after: latency) { [self] in
            process()
            inbox.append(answersWithPlainAddress ? word & 0x3FFF_FFFF : word)
        }
    }

    /// Lets the firmware answer a message it had kept.
    public func answerLate(after interval: Interval = .nanoseconds(0)) {
        clock.schedule(after: interval) { [self] in
            process()
            inbox.append(0xC000_0000 | UInt32(memory.physicalAddress) | 8)
        }
    }

    private func process() {
        let size = memory.deviceReadWord(0)
        if size % 4 != 0 || size < 12 || size > 0x1000 || memory.deviceReadWord(4) != 0 {
            violations.append("no request: size \(size), code \(memory.deviceReadWord(4))")
            memory.deviceWriteWord(0x8000_0001, at: 4)
            return
        }
        var offset = 8
        var code: UInt32 = 0x8000_0000
        while true {
            let tag = memory.deviceReadWord(offset)
            if tag == 0 { break }
            let capacity = Int(memory.deviceReadWord(offset + 4))
            if capacity % 4 != 0 || offset + 12 + capacity + 4 > Int(size) {
                violations.append("tag \(tag) reaches past the message")
                return
            }
            if !answer(tag, at: offset, capacity: capacity) {
                code = 0x8000_0001
                break
            }
            offset += 12 + capacity
        }
        if code == 0x8000_0000 && offset + 4 != Int(size) {
            violations.append("the message's size is \(size), its end at \(offset + 4)")
        }
        memory.deviceWriteWord(responseCode ?? code, at: 4)
    }

    /// Answers a tag. False when the message ends there.
    private func answer(_ tag: UInt32, at offset: Int, capacity: Int) -> Bool {
        asked.append(tag)
        let known = FirmwareTag.named(tag)
        let handler = tags[tag]
        let style = handler == nil ? unknownTag : style[tag] ?? known?.style ?? .marked
        if style == .empty { memory.deviceWriteWord(0x8000_0000, at: offset + 8) }
        guard style == .marked || style == .unmarked, let handler else { return style == .empty }
        guard capacity >= known?.minimum ?? 0 else {
            violations.append("tag \(tag) has \(capacity) bytes")
            return false
        }
        let request = stride(from: 0, to: capacity, by: 4).map { memory.deviceReadWord(offset + 12 + $0) }
        let values = handler(request)
        for (index, value) in values.enumerated() where index * 4 < capacity {
            memory.deviceWriteWord(value, at: offset + 12 + index * 4)
        }
        let length = claimedLength[tag] ?? UInt32(known?.answer ?? values.count * 4)
        if style == .marked { memory.deviceWriteWord(0x8000_0000 | length, at: offset + 8) }
        if let size = changedSize[tag] { memory.deviceWriteWord(size, at: offset + 4) }
        return true
    }
}
