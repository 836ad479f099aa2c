import Testing

@testable import KeyValue

/// What a store should hold.
typealias Contents = [[UInt8]: [UInt8]]

/// Random commits on a store, with the contents after each of them.
struct Workload {
    var random: SplitMix
    /// How many different keys, the longest value, and how many changes in a commit at most.
    let keys: Int
    let longest: Int
    let changes: Int
    var contents: Contents = [:]

    init(seed: UInt64, keys: Int? = nil, longest: Int? = nil, changes: Int? = nil) {
        var random = SplitMix(seed)
        self.keys = keys ?? [3, 20, 60, 100].randomElement(using: &random)!
        self.longest = longest ?? [40, 120, 300, 2000].randomElement(using: &random)!
        self.changes = changes ?? [1, 1, 3, 10].randomElement(using: &random)!
        self.random = random
    }

    mutating func key() -> [UInt8] { [UInt8]("key \(Int.random(in: 0..<keys, using: &random))".utf8) }

    mutating func value() -> [UInt8] {
        let length = Int.random(in: 0...longest, using: &random)
        let byte = UInt8.random(in: 0...255, using: &random)
        return (0..<length).map { byte &+ UInt8(truncatingIfNeeded: $0 * $0) }
    }

    /// A random transaction, and what the store holds after it.
    mutating func next() -> (Transaction, Contents) {
        var (transaction, after) = (Transaction(), contents)
        for _ in 0..<Int.random(in: 1...changes, using: &random) {
            let key = key()
            if Int.random(in: 0..<5, using: &random) == 0 {
                transaction.delete(key)
                after[key] = nil
            } else {
                let value = value()
                transaction.put(value, for: key)
                after[key] = value
            }
        }
        return (transaction, after)
    }

    /// Commits once; what is too much for the store changes nothing.
    mutating func step(_ store: KeyValueStore) throws {
        let (transaction, after) = next()
        do throws(KeyValueError) {
            try store.commit(transaction)
            contents = after
        } catch {
            guard error == .full || error == .tooLarge(limit: store.layout.maximumPayload) else { throw error }
        }
    }
}

extension KeyValueStore {
    /// Everything in the store, read back.
    func contents() throws -> Contents {
        var contents: Contents = [:]
        try forEach { (key, value) throws(KeyValueError) in contents[key] = value }
        return contents
    }
}

/// A formatted disk and the store on it.
func makeStore(blocks: Int = 256, blockSize: Int = 512) throws -> (RecordingDisk, KeyValueStore) {
    let disk = RecordingDisk(blocks: blocks, blockSize: blockSize)
    disk.isRecording = false
    try KeyValueStore.format(disk)
    let store = try KeyValueStore(disk)
    disk.isRecording = true
    return (disk, store)
}
