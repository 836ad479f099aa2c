import KeyValue

/// The log and the last crash report of earlier runs, kept in a key-value store.
///
/// The log is a row of pieces of 4 KiB under the keys `log/00000001` and up, the oldest of which give way: bounded, and with
/// whole lines only. The crash report is under `crash/last`. `apus kv get` reads both on another computer.
public final class SavedLog {
    private let store: KeyValueStore
    private let pieces: Int
    private let pieceSize: Int
    private var number: UInt64 = 1
    private var current: [UInt8] = []

    private static let prefix: StaticString = "log/"
    private static let crashKey = "crash/last"

    /// The log in `store`, of which `pieces` pieces of `pieceSize` bytes are kept. Goes on where the last run ended.
    public init(_ store: KeyValueStore, pieces: Int = 16, pieceSize: Int = 4096) throws(KeyValueError) {
        self.store = store
        self.pieces = max(1, pieces)
        self.pieceSize = max(1, min(pieceSize, store.maximumValueLength))
        guard let last = store.keys(prefix: Self.prefix.bytes).last, let number = Self.number(of: last) else { return }
        self.number = number
        current = try store.value(for: last) ?? []
    }

    /// Keeps `text`, durably. A line that is longer than a piece is cut.
    public func append(_ text: [UInt8]) throws(KeyValueError) {
        var rest = text[...]
        while !rest.isEmpty {
            // A line goes into the next piece as a whole if it does not fit into this one.
            var part = Self.lines(rest, atMost: pieceSize - current.count)
            let isNext = part.isEmpty
            if isNext { part = Self.lines(rest, atMost: pieceSize) }
            if part.isEmpty { part = rest.prefix(pieceSize) }
            let content = isNext ? [UInt8](part) : current + part
            let target = isNext ? number + 1 : number
            try write(content, target)
            (number, current) = (target, content)
            rest = rest.dropFirst(part.count)
        }
    }

    private func write(_ content: [UInt8], _ number: UInt64) throws(KeyValueError) {
        var transaction = Transaction()
        transaction.put(content, for: Self.key(number))
        for key in store.keys(prefix: Self.prefix.bytes) {
            if let old = Self.number(of: key), old + UInt64(pieces) <= number { transaction.delete(key) }
        }
        try store.commit(transaction)
    }

    /// As many whole lines of `text` as fit into `limit` bytes.
    private static func lines(_ text: ArraySlice<UInt8>, atMost limit: Int) -> ArraySlice<UInt8> {
        guard text.count > limit else { return text }
        guard let end = text.prefix(limit).lastIndex(of: 0x0A) else { return [] }
        return text[text.startIndex...end]
    }

    /// Calls `body` with each piece, the oldest first.
    public func forEachPiece(_ body: ([UInt8]) -> Void) throws(KeyValueError) {
        try store.forEach(prefix: Self.prefix.bytes) { (_, text) throws(KeyValueError) in body(text) }
    }

    // MARK: The crash report

    /// The report of the last crash that was kept; nil for none.
    public func crashReport() throws(KeyValueError) -> [UInt8]? { try store.value(for: Self.crashKey) }

    /// Keeps `report` in place of the last one. What is longer than a value loses its end.
    public func keep(crashReport report: [UInt8]) throws(KeyValueError) {
        try store.put([UInt8](report.prefix(store.maximumValueLength)), for: [UInt8](Self.crashKey.utf8))
    }

    // MARK: Keys

    private static let digits = 8

    private static func key(_ number: UInt64) -> [UInt8] {
        let text = [UInt8](number.description.utf8)
        return prefix.bytes + [UInt8](repeating: 0x30, count: max(0, digits - text.count)) + text
    }

    private static func number(of key: [UInt8]) -> UInt64? {
        var number: UInt64 = 0
        let text = key.dropFirst(prefix.utf8CodeUnitCount)
        guard text.count == digits else { return nil }
        for byte in text {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            number = number * 10 + UInt64(byte - 0x30)
        }
        return number
    }
}

extension StaticString {
    fileprivate var bytes: [UInt8] { withUTF8Buffer { unsafe [UInt8]($0) } }
}
