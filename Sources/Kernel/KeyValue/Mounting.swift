/// What a mount does when something that was durable is missing or wrong.
public enum Mounting: Sendable {
    /// Holds the newest state that can be had. Where the last batches are missing, that is the newest one that is whole; where older ones are, and going
    /// back that far would lose more, it is the newest one without what only they said: each key has a value that it was given once.
    case recovering
    /// Throws `KeyValueError.damaged`: for somebody who wants to know.
    case strict
    /// Holds whatever can be read, values among it that were replaced or deleted, and takes no commits.
    case salvaging
}

/// What a store lacks that was durable.
public struct Recovery: Equatable, Sendable {
    /// Batches that are not there: later than the state that is held, or in the middle of what led to it.
    public var lostBatches = 0
    /// Batches of which only some records could be read.
    public var tornBatches = 0
    /// True when both superblocks were erased, and the shape of the store was taken from the device.
    public var lostSuperblocks = false
}

extension Recovery: CustomStringConvertible {
    /// One line for a person, without a full stop.
    public var description: String {
        var text = ""
        if lostSuperblocks { text = "its first blocks are gone" }
        for (count, what) in [
            (lostBatches, " of its changes are lost"), (tornBatches, " of its changes are there in part"),
        ]
        where count > 0 {
            if !text.isEmpty { text += ", " }
            text += count.description + what
        }
        return text
    }
}
