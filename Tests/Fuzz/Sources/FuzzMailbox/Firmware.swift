import Interfaces

/// The input, byte by byte; zeros behind its end.
final class Input {
    private var bytes: [UInt8]
    private var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = Array(bytes) }

    var isEmpty: Bool { position >= bytes.count }

    func next() -> UInt8 {
        defer { position += 1 }
        return position < bytes.count ? bytes[position] : 0
    }

    func word() -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(next()) << UInt32(8 * $1) } }
}

/// A message's memory, of exactly its size: what is read past its end is seen.
struct MessageMemory: DMAMemory {
    let bytes: UnsafeMutableRawBufferPointer
    var physicalAddress: UInt64 { 0x10_0000 }

    init(_ size: Int) {
        bytes = .allocate(byteCount: size, alignment: 64)
        bytes.initializeMemory(as: UInt8.self, repeating: 0xA5)
    }

    func clean(_ range: Range<Int>) { precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count) }
    func invalidate(_ range: Range<Int>) { precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count) }
}

/// Time that flies: a second of waiting takes a handful of looks.
final class HastyClock: Clock {
    private(set) var now = Instant(nanoseconds: 0)
    func wait(until deadline: Instant) { now = max(now, deadline) + .milliseconds(200) }
}

/// The mailboxes with a firmware behind them that does what the input says.
final class Firmware: RegisterBus {
    private let input: Input
    private let memory: MessageMemory
    private var words: [UInt32] = []

    init(_ input: Input, _ memory: MessageMemory) {
        (self.input, self.memory) = (input, memory)
        for _ in 0..<input.next() % 10 { words.append(input.word()) }
    }

    func read(_ offset: Int) -> UInt32 {
        switch offset {
        case 0x00: words.isEmpty ? 0 : words.removeFirst()
        case 0x18: words.isEmpty ? 1 << 30 : 0
        case 0x38: input.next() & 0xC0 == 0xC0 ? 1 << 31 : 0
        default: preconditionFailure("read of \(offset)")
        }
    }

    func write(_ value: UInt32, at offset: Int) {
        if offset == 0x1C { return }
        precondition(offset == 0x20 && value & 15 == 8, "write to \(offset)")
        precondition(value & 0x3FFF_FFF0 == UInt32(memory.physicalAddress))
        let manner = input.next()
        if manner & 1 == 0 { answerInOrder(manner) }
        for _ in 0..<manner >> 5 { writeOver() }
        if manner & 2 != 0 { words.append(input.word()) }
        if manner & 4 == 0 { words.append(value) }
        if manner & 8 != 0 { words.append(value) }
    }

    func probe(_ offset: Int) -> UInt32? { read(offset) }

    private func load(_ index: Int) -> UInt32 { memory.bytes.load(fromByteOffset: index * 4, as: UInt32.self) }
    private func store(_ value: UInt32, _ index: Int) {
        memory.bytes.storeBytes(of: value, toByteOffset: index * 4, as: UInt32.self)
    }

    /// Walks through the message, as the board's firmware does, and fills in values from the input.
    private func answerInOrder(_ manner: UInt8) {
        let end = Int(load(0)) / 4
        precondition(end >= 3 && end <= memory.bytes.count / 4 && load(1) == 0, "no request")
        var start = 2
        while start < end, load(start) != 0 {
            let (size, kind) = (Int(load(start + 1)) / 4, input.next())
            precondition(start + 3 + size < end, "a tag reaches past the message")
            if kind & 3 == 3 { return store(0x8000_0001, 1) }
            for index in 0..<size where kind & 4 == 0 || index > 0 { store(input.word(), start + 3 + index) }
            if kind & 3 != 2 { store(0x8000_0000 | UInt32(kind & 8 == 0 ? size * 4 : Int(input.next())), start + 2) }
            start += 3 + size
        }
        precondition(start + 1 == end, "the message's end is not where it says")
        store(manner & 16 == 0 ? 0x8000_0000 : 0x8000_0001, 1)
    }

    /// Writes a word where the input says.
    private func writeOver() { store(input.word(), Int(input.next()) % (memory.bytes.count / 4)) }
}
