/// A line of UTF-8 with a cursor. The text is valid at any time and the cursor never stands within a character.
public struct EditedLine: Sendable {
    /// The text.
    public private(set) var bytes: [UInt8] = []
    /// Where the cursor stands, in bytes from the start.
    public private(set) var cursor = 0

    /// An empty line.
    public init() {}

    /// `text` with the cursor at its end.
    public init(_ text: [UInt8]) { replace(with: text) }

    /// Replaces everything by `text`, which is valid UTF-8, and goes to its end.
    public mutating func replace(with text: [UInt8]) {
        bytes = text
        cursor = text.count
    }

    /// Replaces the bytes from `start` to the cursor by `text`, behind which the cursor then stands. Both ends lie
    /// between characters.
    public mutating func replace(from start: Int, with text: [UInt8]) {
        bytes.replaceSubrange(start..<cursor, with: text)
        cursor = start + text.count
    }

    /// Puts `scalar` at the cursor.
    public mutating func insert(_ scalar: Unicode.Scalar) {
        guard let encoded = UTF8.encode(scalar) else { return }
        for byte in encoded {
            bytes.insert(byte, at: cursor)
            cursor += 1
        }
    }

    // MARK: Moving

    /// Goes a character to the left.
    public mutating func moveLeft() { cursor = before(cursor) }
    /// Goes a character to the right.
    public mutating func moveRight() { cursor = after(cursor) }
    /// Goes to the start.
    public mutating func moveHome() { cursor = 0 }
    /// Goes to the end.
    public mutating func moveEnd() { cursor = bytes.count }
    /// Goes to the start of the word on the left.
    public mutating func moveWordLeft() { cursor = startOfWord(before: cursor) }
    /// Goes behind the word on the right.
    public mutating func moveWordRight() {
        while cursor < bytes.count, ASCII.isBlank(bytes[cursor]) { cursor += 1 }
        while cursor < bytes.count, !ASCII.isBlank(bytes[cursor]) { cursor += 1 }
    }

    // MARK: Removing

    /// Removes the character before the cursor.
    public mutating func removeBackward() { remove(before(cursor)..<cursor) }
    /// Removes the character under the cursor.
    public mutating func removeForward() { remove(cursor..<after(cursor)) }
    /// Removes from the cursor to the end.
    public mutating func removeToEnd() { remove(cursor..<bytes.count) }
    /// Removes from the start to the cursor.
    public mutating func removeToStart() { remove(0..<cursor) }
    /// Removes the word before the cursor.
    public mutating func removeWord() { remove(startOfWord(before: cursor)..<cursor) }

    private mutating func remove(_ range: Range<Int>) {
        bytes.removeSubrange(range)
        cursor = range.lowerBound
    }

    // MARK: Boundaries

    private func startOfWord(before position: Int) -> Int {
        var position = position
        while position > 0, ASCII.isBlank(bytes[position - 1]) { position -= 1 }
        while position > 0, !ASCII.isBlank(bytes[position - 1]) { position -= 1 }
        return position
    }

    /// The start of the character that ends at `position`, marks that combine with it included.
    private func before(_ position: Int) -> Int {
        var position = position
        while position > 0 {
            position -= 1
            while position > 0, bytes[position] & 0xc0 == 0x80 { position -= 1 }
            if Columns.scalar(in: bytes, at: position).columns > 0 { break }
        }
        return position
    }

    /// The end of the character that starts at `position`.
    private func after(_ position: Int) -> Int {
        guard position < bytes.count else { return position }
        var position = position + Columns.scalar(in: bytes, at: position).length
        while position < bytes.count {
            let next = Columns.scalar(in: bytes, at: position)
            if next.columns > 0 { break }
            position += next.length
        }
        return position
    }
}
