// How the device works. Two FIFOs of eight words connect the processor with the VideoCore. To ask the firmware something the processor
// builds a message in memory and writes its address, with the channel number 8, to mailbox 1. The firmware answers
// in the same memory and puts the same word into mailbox 0. The VideoCore sees no cache of the processor: the message is cleaned to
// memory before and invalidated after. Firmware takes up to hundreds of milliseconds; QEMU answers within the write.
import Interfaces

/// The VideoCore mailbox and the firmware's property calls behind it.
///
/// One request is under way at a time: the value is not copyable and every call is exclusive; a board that shares it
/// between tasks puts it behind a lock. Calls wait on the clock, up to two seconds, and allocate nothing. All throw:
/// - `.timeout`: the firmware does not answer. The message memory stays the firmware's until the late answer has come;
///   until then every call throws the same.
/// - `.unsupported`: this firmware does not know the tag, which the error names, or stopped at one before it in the same message. That is
///   no failure: one release knows what another does not.
/// - `.invalid`: an answer that cannot be true.
public struct Mailbox<Bus: RegisterBus, Time: Clock, Memory: DMAMemory>: ~Copyable {
    private let bus: Bus
    private let time: Time
    private var message: PropertyMessage<Memory>
    private var isAnswerOutstanding = false

    /// How long the firmware may take, for room and for an answer each. Linux allows the same.
    private static var limit: Interval { .seconds(1) }
    private static var rest: Interval { .microseconds(10) }

    /// The mailbox behind `bus` (a window of 0x40 bytes), with messages built in `memory`: at least 64 bytes, 64-byte aligned,
    /// below 1 GiB (traps otherwise). Throws away what an earlier stage left in the mailbox.
    public init(_ bus: Bus, time: Time, memory: Memory) {
        self.bus = bus
        self.time = time
        message = PropertyMessage(memory)
        bus.write(0, to: MailboxRegister.configuration)
        // No more words than the FIFO holds can be stale.
        for _ in 0..<8 where !bus.read(MailboxRegister.readStatus).contains(.empty) {
            _ = bus.read(MailboxRegister.read)
        }
    }

    // MARK: - Several tags in one exchange

    /// Starts a message. Waits for the answer to an earlier request that ran out of time.
    public mutating func begin() throws(DeviceError) {
        if isAnswerOutstanding {
            if !receiveAnswer() { throw .timeout("MBOX0 answer to an earlier request") }
            isAnswerOutstanding = false
            // Drops the lines fetched before the late answer was written: what is built next would be mixed with them.
            message.memory.invalidate(message.extent)
        }
        message.clear()
    }

    /// Adds `tag` with the request `values`, and room for an answer of `capacity` words (at least the request's).
    public mutating func append<let count: Int>(
        _ tag: PropertyTag, _ values: [count of UInt32], capacity: Int = 0
    ) -> PropertyAnswer {
        message.append(tag, values, capacity: capacity)
    }

    /// Sends the message and waits for its answer.
    public mutating func exchange() throws(DeviceError) {
        message.seal()
        // Orders the message's words before the write of its address: from here on the VideoCore may read them. No line of
        // it stays dirty, so none can be evicted over the answer.
        message.memory.clean(message.extent)
        let word = MailboxWord(propertyMessageAt: message.address)
        let hasRoom = time.poll(for: Self.limit, every: Self.rest) {
            !bus.read(MailboxRegister.writeStatus).contains(.full)
        }
        if !hasRoom { throw .timeout("MBOX1 STATUS full") }
        bus.write(word, to: MailboxRegister.write)
        if !receiveAnswer() {
            isAnswerOutstanding = true
            throw .timeout("MBOX0 STATUS empty")
        }
        // Orders the reading of the answer's words after the arrival of the word that announces it, and drops the lines that the
        // processor fetched ahead of that by itself.
        message.memory.invalidate(message.extent)
        try message.checkResponse()
    }

    /// Word `index` of the answer to a tag, which must have come with `words` words at least.
    public func value(_ answer: PropertyAnswer, _ index: Int, words: Int) throws(DeviceError) -> UInt32 {
        _ = try message.answerLength(answer, least: words * 4)
        return message.value(answer, index)
    }

    /// The length of the answer to a tag in bytes, `least` at least.
    public func answerLength(_ answer: PropertyAnswer, least: Int) throws(DeviceError) -> Int {
        try message.answerLength(answer, least: least)
    }

    /// Words that the values of one more tag can have.
    public var room: Int { message.room }

    /// Reads mailbox 0 until the answer to this message comes; words of other channels and other messages are thrown away.
    private func receiveAnswer() -> Bool {
        time.poll(for: Self.limit, every: Self.rest) {
            // One look at a time, so that a mailbox that never gets empty does not hold the loop past its limit.
            if bus.read(MailboxRegister.readStatus).contains(.empty) { return false }
            let word = bus.read(MailboxRegister.read)
            return word.channel == MailboxWord.propertyChannel && word.address == message.address
        }
    }

    // MARK: - One tag

    /// Sends `tag` with `values` alone.
    mutating func ask<let count: Int>(
        _ tag: PropertyTag, _ values: [count of UInt32], words: Int
    ) throws(DeviceError) -> PropertyAnswer {
        try begin()
        let answer = append(tag, values, capacity: words)
        try exchange()
        _ = try answerLength(answer, least: words * 4)
        return answer
    }

    /// The only word of the answer to `tag`.
    mutating func ask(_ tag: PropertyTag) throws(DeviceError) -> UInt32 {
        let answer = try ask(tag, [0], words: 1)
        return message.value(answer, 0)
    }

    /// The second word of the answer to `tag`, which repeats `first` in its first word.
    mutating func ask(_ tag: PropertyTag, about first: UInt32, _ second: UInt32 = 0) throws(DeviceError) -> UInt32 {
        let answer = try ask(tag, [first, second], words: 2)
        if message.value(answer, 0) != first { throw .invalid(tag.name) }
        return message.value(answer, 1)
    }

    /// Both words of the answer to `tag`.
    mutating func askForPair(_ tag: PropertyTag) throws(DeviceError) -> (UInt32, UInt32) {
        let answer = try ask(tag, [0, 0], words: 2)
        return (message.value(answer, 0), message.value(answer, 1))
    }

    /// Word `index` of an answer whose length has been checked.
    func word(_ answer: PropertyAnswer, _ index: Int) -> UInt32 { message.value(answer, index) }
}
