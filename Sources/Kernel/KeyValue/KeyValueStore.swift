import Interfaces

/// A store of keys and values on a block device, or a partition of one, for settings and state.
///
/// When a commit returns, all its changes are durable; whatever interrupts it, all of them are there afterwards or none.
/// A commit of one small value is one block written and one flush. Moving older values out of the way adds a second block,
/// and up to two more when the store is nearly full; a value that is longer than a block is moved as a whole.
/// `LogLayout` tells the format, and why this is safe. All blocks wear alike.
///
/// Half of the device's blocks hold keys and values; the other half is what makes commits cheap. In memory the store
/// keeps every key and where its value is (64 to 100 bytes and the key), two bytes for each block, and the 32 KiB it reads
/// through. Mounting reads the device once, and the part that counts a second time.
///
/// A store belongs to one task at a time; a `Mutex` shares it. While it is mounted nobody else writes to the device.
public final class KeyValueStore {
    /// What a store has done since it was mounted, and what it found then.
    public struct Statistics: Sendable {
        /// Commits that were made.
        public var commits: UInt64 = 0
        /// Batches written only to move records.
        public var compactions: UInt64 = 0
        /// Records moved to win space.
        public var movedRecords: UInt64 = 0
        /// Whether the last commit before the mount was cut short, and so is not there.
        public var foundInterruptedCommit = false
        /// Batches that could not be read when the store was mounted for salvage.
        public var lostBatches = 0
        /// How often records could not be moved because the device would not read them.
        public var failedMoves: UInt64 = 0
    }

    let blocks: LogBlocks
    var index = KeyIndex()
    var batches: BatchMap
    /// The oldest batch that counts, and how far into its payload every record has been dealt with.
    var tail = LogLayout.first
    var cursor = 0
    /// Where the next batch goes, and how many blocks lie between tail and head.
    var head = LogLayout.first
    var used = 0
    /// The highest sequence number in use, be it of a failed write, and the last batch that is durable.
    var sequence: UInt64 = 0
    var last: (sequence: UInt64, block: UInt32) = (0, 0)
    /// Where a write failed that was to be repeated in its place.
    var failedAt: UInt32?
    /// Whether the device may hold a batch that failed.
    var isUncertain = false
    /// Blocks that `compact` may still pass before the next commit: once round the log wins all there is to win.
    var lap = 0
    /// Batches of which only a part could be read. What counts of them is moved by the index.
    var torn: [UInt32] = []
    /// What is done about damage.
    let mounting: Mounting

    /// What the store has done and found.
    public internal(set) var statistics = Statistics()
    /// Bytes of the records that count: keys, values and 12 bytes for each.
    public internal(set) var usedBytes = 0
    /// What was missing when the store was mounted; nil when nothing was.
    public internal(set) var recovery: Recovery?
    private var isBusy = false

    var layout: LogLayout { blocks.layout }

    /// Mounts the store on `device`. Writes nothing, so that a mount may be interrupted as often as one likes.
    ///
    /// `mounting` says what is done when something that was durable is missing or wrong: by default the store holds the newest state that
    /// can be had, and `recovery` says what is missing from it. A device's application goes on with that; `mend` lets the next mount find nothing
    /// wrong. Throws `notFormatted`, `foreign`, `unsupportedVersion`, `wrongGeometry`, `unsuitableDevice` or `device`, and with `.strict` `damaged`.
    public init(_ device: any BlockDevice, _ mounting: Mounting = .recovering) throws(KeyValueError) {
        let checksum = Checksum()
        let (layout, isGuess) = try Self.layout(of: device, checksum, mounting)
        blocks = LogBlocks(device, layout, checksum)
        batches = BatchMap(layout)
        self.mounting = mounting
        if isGuess { recovery = Recovery(lostSuperblocks: true) }
        // What is read below may still be in the device's cache, and everything that follows builds on it.
        if !device.geometry.isReadOnly {
            do { try device.flush() } catch { throw .device(error) }
        }
        try mount()
    }

    // MARK: What it is

    /// The number of keys.
    public var count: Int { index.entries.count }
    /// Bytes of keys and values, and 12 for each, that the store takes.
    public var capacity: Int { layout.capacity }
    /// Bytes of the longest value.
    public var maximumValueLength: Int {
        min(64 << 10, layout.maximumPayload - Record.size(keyLength: Self.maximumKeyLength, valueLength: 0))
    }
    /// Blocks read by the mount and since.
    public var blocksRead: UInt64 { blocks.blocksRead }
    /// Blocks written since the mount.
    public var blocksWritten: UInt64 { blocks.blocksWritten }
    /// Whether commits are refused.
    public var isReadOnly: Bool { mounting == .salvaging || blocks.device.geometry.isReadOnly }

    /// Bytes of the longest key.
    public static let maximumKeyLength = 255

    // MARK: Reading

    /// The value of `key`; nil when it has none. Reads as many blocks as it lies in, and checks its checksum.
    public func value(for key: [UInt8]) throws(KeyValueError) -> [UInt8]? {
        enter()
        defer { isBusy = false }
        guard let place = index.find(key) else { return nil }
        let entry = index.entries[place]
        let record = try record(of: entry)
        return [UInt8](record[(Record.headerSize + entry.key.count)...])
    }

    /// The value of `key`.
    public func value(for key: String) throws(KeyValueError) -> [UInt8]? { try value(for: [UInt8](key.utf8)) }

    /// Whether `key` has a value. Reads nothing.
    public func contains(_ key: [UInt8]) -> Bool { index.find(key) != nil }

    /// The keys that begin with `prefix`, in the order of their bytes. Reads nothing.
    public func keys(prefix: [UInt8] = []) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        for entry in index.entries where entry.key.starts(with: prefix) { keys.append(entry.key) }
        keys.sort { $0.lexicographicallyPrecedes($1) }
        return keys
    }

    /// Calls `body` with each key that begins with `prefix`, in the order of their bytes, and its value. `body` may change
    /// the store: what it deletes before its turn is left out.
    public func forEach(
        prefix: [UInt8] = [], _ body: ([UInt8], [UInt8]) throws(KeyValueError) -> Void
    ) throws(KeyValueError) {
        for key in keys(prefix: prefix) {
            if let value = try value(for: key) { try body(key, value) }
        }
    }

    /// The bytes of the record that `entry` says where to find.
    func record(of entry: KeyIndex.Entry) throws(KeyValueError) -> [UInt8] {
        let start = Int(entry.offset)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entry.size)
        do {
            try blocks.append(start..<start + entry.size, of: entry.block, to: &bytes)
        } catch {
            throw .device(error)
        }
        guard Record.isWhole(bytes, 0, entry.size, blocks.checksum) else { throw .damaged(block: entry.block) }
        return bytes
    }

    // MARK: Writing

    /// Makes the changes of `transaction`, durably and all together. Throws and has changed nothing otherwise.
    public func commit(_ transaction: Transaction) throws(KeyValueError) {
        enter()
        defer { isBusy = false }
        guard !isReadOnly else { throw .readOnly }
        try perform(transaction)
    }

    /// Gives `key` a value: a commit of one change.
    public func put(_ value: [UInt8], for key: [UInt8]) throws(KeyValueError) {
        var transaction = Transaction()
        transaction.put(value, for: key)
        try commit(transaction)
    }

    /// Gives `key` a text as its value.
    public func put(_ value: String, for key: String) throws(KeyValueError) {
        try put([UInt8](value.utf8), for: [UInt8](key.utf8))
    }

    /// Deletes `key`: a commit of one change, or nothing where the key does not exist. Works on a full store.
    public func delete(_ key: [UInt8]) throws(KeyValueError) {
        var transaction = Transaction()
        transaction.delete(key)
        try commit(transaction)
    }

    /// Deletes `key`.
    public func delete(_ key: String) throws(KeyValueError) { try delete([UInt8](key.utf8)) }

    /// Moves records ahead of time, so that the next commits need not: writes one batch of `limit` blocks at most. Returns
    /// false when there was nothing to do. For times when nothing else happens.
    public func compact(atMost limit: Int = 16) throws(KeyValueError) -> Bool {
        enter()
        defer { isBusy = false }
        guard !isReadOnly else { throw .readOnly }
        guard wantsRoom, lap > 0 else { return false }
        let (before, start) = (tail, used)
        guard try moveRecords(inBlocks: min(max(1, limit), layout.maximumBatch)) else { return false }
        lap -= max(1, min(start, layout.distance(from: before, to: tail)))
        return true
    }

    private func enter() {
        precondition(!isBusy, "KeyValueStore: used by two tasks at once")
        isBusy = true
    }
}
