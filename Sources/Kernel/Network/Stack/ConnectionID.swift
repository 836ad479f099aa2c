/// Names a TCP connection of a stack. The number of a connection that was released names none: it is not used again soon.
@frozen
public struct ConnectionID: Hashable, Sendable {
    let index: UInt32
    let generation: UInt32

    init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }
}

/// Names a listening port of a stack. Numbers are not used again.
@frozen
public struct ListenerID: Hashable, Sendable {
    let number: UInt32

    init(number: UInt32) { self.number = number }
}
