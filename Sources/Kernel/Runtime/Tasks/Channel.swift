import Interfaces

/// A queue of values between tasks, with room for a fixed number. Senders wait while it is full, receivers while it is empty.
public final class Channel<Element> {
    private var elements: [Element?]
    private var first = 0
    private var count = 0
    private var isClosed = false
    private let senders = WaitQueue()
    private let receivers = WaitQueue()

    /// A channel with room for `capacity` values, at least one.
    public init(capacity: Int) {
        contract(capacity > 0, "a channel has room for at least one value")
        elements = Array(repeating: nil, count: capacity)
    }

    /// Puts `element` at the end. Throws `.closed`, `.timedOut` at `deadline` and `.cancelled`; it is not in the channel
    /// then.
    public func send(_ element: Element, until deadline: Instant = .never) throws(TaskError) {
        Interference.mayWait()
        while !isClosed, count == elements.count { try senders.wait(until: deadline, for: "room in a channel") }
        if isClosed { throw .closed }
        elements[(first + count) % elements.count] = element
        count += 1
        receivers.wakeFirst()
    }

    /// Takes the oldest value. Throws `.closed` when the channel is closed and empty, `.timedOut` at `deadline` and
    /// `.cancelled`.
    public func receive(until deadline: Instant = .never) throws(TaskError) -> Element {
        Interference.mayWait()
        while count == 0 {
            if isClosed { throw .closed }
            try receivers.wait(until: deadline, for: "a channel")
        }
        let element = elements[first]!
        elements[first] = nil
        first = (first + 1) % elements.count
        count -= 1
        senders.wakeFirst()
        return element
    }

    /// Ends the channel: nothing more can be sent, what is in it can still be received.
    public func close() {
        isClosed = true
        while senders.wakeFirst() {}
        while receivers.wakeFirst() {}
    }
}
