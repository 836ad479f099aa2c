import Interfaces

/// A message of the property channel, built and read in memory that the VideoCore reaches.
///
/// Layout (firmware wiki "Mailbox property interface"): total size in bytes, request/response code, tags, end tag 0. A tag is
/// its number, the size of its values in bytes, the response indicator and the values, all in 32-bit words.
///
/// Invariants that make the unsafe accesses sound: every word offset handed to `load` and `store` is below `words`,
/// checked there; the memory is valid as long as this value is, by the contract of `DMAMemory`.
struct PropertyMessage<Memory: DMAMemory>: ~Copyable {
    let memory: Memory
    /// Words used so far, without the end tag.
    private(set) var length = Self.headerLength
    /// Where the tag starts that the firmware knows and failed at; 0 for none.
    private var failedTag = 0

    private static var headerLength: Int { 2 }
    private static var tagHeaderLength: Int { 3 }
    private static var endTag: UInt32 { 0 }

    /// Code of a request.
    private static var request: UInt32 { 0 }
    /// Code of a response to all tags.
    private static var success: UInt32 { 0x8000_0000 }
    /// Code of a response that ends at a tag which the firmware does not know or fails at: those behind it are unanswered.
    private static var stopped: UInt32 { 0x8000_0001 }
    /// In a tag's response indicator: the tag was answered; the other bits are the length in bytes.
    private static var answered: UInt32 { 0x8000_0000 }

    /// A message in `memory`, which starts on a cache line, below 1 GiB.
    init(_ memory: Memory) {
        precondition(
            memory.physicalAddress % 64 == 0 && memory.physicalAddress < 1 << 30 && Self.words(of: memory) >= 16,
            "Mailbox: the message lies in 64 bytes or more, 64-byte aligned, below 1 GiB")
        self.memory = memory
    }

    /// The message's physical address.
    var address: UInt32 { UInt32(memory.physicalAddress) }

    /// The bytes of the message, its end tag included.
    var extent: Range<Int> { 0..<(length + 1) * 4 }

    /// Words that a tag's values may still have.
    var room: Int { Self.words(of: memory) - length - Self.tagHeaderLength - 1 }

    /// Starts again with an empty message.
    mutating func clear() { length = Self.headerLength }

    /// Adds `tag` with `values`, and room for an answer of `capacity` words.
    /// - Returns: where the answer will be found.
    mutating func append<let count: Int>(
        _ tag: PropertyTag, _ values: [count of UInt32], capacity: Int
    ) -> PropertyAnswer {
        let size = max(count, capacity)
        precondition(size <= room, "Mailbox: the tags do not fit into the message memory")
        let start = length
        store(tag.rawValue, at: start)
        store(UInt32(size * 4), at: start + 1)
        store(Self.request, at: start + 2)
        for index in 0..<size { store(index < count ? values[index] : 0, at: start + Self.tagHeaderLength + index) }
        length += Self.tagHeaderLength + size
        return PropertyAnswer(tag: tag, position: start, capacity: size)
    }

    /// Writes header and end tag around what was appended.
    func seal() {
        store(UInt32(extent.count), at: 0)
        store(Self.request, at: 1)
        store(Self.endTag, at: length)
    }

    /// Throws unless the firmware has processed the message, if only to the first tag that it does not know.
    mutating func checkResponse() throws(DeviceError) {
        failedTag = 0
        let code = load(1)
        if code == Self.success { return }
        if code != Self.stopped { throw .invalid("mailbox response code") }
        // Every tag marked as answered, and still stopped: the last one is what it failed at. The sizes in between may be the firmware's by now.
        var start = Self.headerLength
        while start + Self.tagHeaderLength <= length, load(start + 2) & Self.answered != 0 {
            failedTag = start
            start += Self.tagHeaderLength + Int(load(start + 1)) / 4
        }
        if start < length { failedTag = 0 }
    }

    /// Number of bytes the firmware gave as the answer to a tag. A tag that it does not know, or has not come to, keeps its request
    /// indicator, or (in QEMU) is answered with no bytes; both are `.unsupported` where an answer of `least` bytes, more than none, must
    /// come.
    func answerLength(_ answer: PropertyAnswer, least: Int) throws(DeviceError) -> Int {
        let indicator = load(answer.position + 2)
        let length = Int(indicator & ~Self.answered)
        if indicator & Self.answered == 0 || length == 0 && least > 0 { throw .unsupported(answer.tag.name) }
        if length < least || length > answer.capacity * 4 || answer.position == failedTag {
            throw .invalid(answer.tag.name)
        }
        return length
    }

    /// Word `index` of an answer.
    func value(_ answer: PropertyAnswer, _ index: Int) -> UInt32 {
        precondition(index < answer.capacity, "Mailbox: no such word in the answer")
        return load(answer.position + Self.tagHeaderLength + index)
    }

    private static func words(of memory: borrowing Memory) -> Int { unsafe memory.bytes.count / 4 }

    private func load(_ word: Int) -> UInt32 {
        precondition(word >= 0 && word < Self.words(of: memory), "Mailbox: outside the message memory")
        return unsafe memory.bytes.load(fromByteOffset: word * 4, as: UInt32.self)
    }

    private func store(_ value: UInt32, at word: Int) {
        precondition(word >= 0 && word < Self.words(of: memory), "Mailbox: outside the message memory")
        unsafe memory.bytes.storeBytes(of: value, toByteOffset: word * 4, as: UInt32.self)
    }
}
