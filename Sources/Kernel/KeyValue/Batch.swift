/// A batch that is being put together, and what becomes of the index once it is durable.
struct Batch {
    /// A record that moves, or a key's new value; nil deletes it.
    struct Change {
        var key: [UInt8]
        var offset: Int
        var valueLength: Int?
    }

    var payload: [UInt8] = []
    /// Records copied from the tail.
    var moves: [Change] = []
    /// The commit's own records.
    var changes: [Change] = []
    /// Where the log begins once this batch counts.
    var tail: UInt32
    var cursor: Int
    /// Bytes that its moved records may take at the very most.
    var limit: Int
}
