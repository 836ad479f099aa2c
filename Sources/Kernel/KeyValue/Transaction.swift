/// Changes that are made together or not at all: what `KeyValueStore.commit` takes. The last change of a key counts.
public struct Transaction: Sendable {
    struct Change: Sendable {
        var key: [UInt8]
        /// nil deletes the key.
        var value: [UInt8]?
    }

    private(set) var changes: [Change] = []

    /// No changes.
    public init() {}

    /// Whether nothing would be changed.
    public var isEmpty: Bool { changes.isEmpty }

    /// Gives `key` a value. A key has 1 to 255 bytes; a value may be empty.
    public mutating func put(_ value: [UInt8], for key: [UInt8]) { set(Change(key: key, value: value)) }

    /// Gives `key` a text as its value.
    public mutating func put(_ value: String, for key: String) { put([UInt8](value.utf8), for: [UInt8](key.utf8)) }

    /// Deletes `key`; nothing happens where it does not exist.
    public mutating func delete(_ key: [UInt8]) { set(Change(key: key, value: nil)) }

    /// Deletes `key`.
    public mutating func delete(_ key: String) { delete([UInt8](key.utf8)) }

    // Linear: a transaction has a handful of changes, and those of an import are put together by the hundred.
    private mutating func set(_ change: Change) {
        if let index = place(of: change.key) { changes[index] = change } else { changes.append(change) }
    }

    func place(of key: [UInt8]) -> Int? { changes.firstIndex { $0.key == key } }
}
