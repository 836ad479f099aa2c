/// A property of a node: a name and some bytes, whose meaning only who asks for it knows.
public struct Property: Sendable {
    let bytesOfTree: FlattenedBytes
    /// Where the name begins; it ends before the next zero.
    let nameStart: Int
    let range: Range<Int>

    /// The name.
    public var name: String {
        let length = bytesOfTree.length(from: nameStart, to: bytesOfTree.count) ?? 0
        return bytesOfTree.text(nameStart..<nameStart + length)
    }
    /// Length of the value in bytes.
    public var count: Int { range.count }
    /// The value as it lies there.
    public var bytes: [UInt8] { bytesOfTree.copy(range) }

    /// The value as a number; nil unless it has four bytes.
    public var u32: UInt32? { range.count == 4 ? bytesOfTree.word(range.lowerBound) : nil }

    /// The value as a number; nil unless it has eight bytes.
    public var u64: UInt64? { range.count == 8 ? number(cells: 2, at: 0) : nil }

    /// The value up to its first zero, or all of it when it has none.
    public var string: String {
        let length = bytesOfTree.length(from: range.lowerBound, to: range.upperBound) ?? range.count
        return bytesOfTree.text(range.lowerBound..<range.lowerBound + length)
    }

    /// The strings in the value, each ended by a zero.
    public var strings: [String] {
        var found: [String] = []
        forEachString { found.append(bytesOfTree.text($0)) }
        return found
    }

    /// True when one of the strings in the value is `text`. Allocates nothing.
    @_disfavoredOverload
    public func holds(_ text: String) -> Bool { holds(text.utf8) }

    /// The same for a constant.
    public func holds(_ text: StaticString) -> Bool { unsafe holds(text.octets) }

    private func holds(_ text: some Collection<UInt8>) -> Bool {
        var isFound = false
        forEachString { if bytesOfTree.holds(text, at: $0) { isFound = true } }
        return isFound
    }

    /// Number of whole cells of 32 bits in the value.
    public var cellCount: Int { range.count / 4 }

    /// The cell number `index`; nil past the last.
    public func cell(_ index: Int) -> UInt32? {
        guard index >= 0, index < cellCount else { return nil }
        return bytesOfTree.word(range.lowerBound + 4 * index)
    }

    /// The number in `cells` cells from cell `index` on; nil when they are not all there or it takes more than 64 bits.
    /// No cells are zero.
    func number(cells: Int, at index: Int) -> UInt64? {
        guard cells >= 0, index >= 0, index <= cellCount, cells <= cellCount - index else { return nil }
        var value: UInt64 = 0
        for offset in 0..<cells {
            guard value >> 32 == 0 else { return nil }
            value = value << 32 | UInt64(bytesOfTree.word(range.lowerBound + 4 * (index + offset)))
        }
        return value
    }

    private func forEachString(_ body: (Range<Int>) -> Void) {
        var start = range.lowerBound
        while start < range.upperBound {
            let length = bytesOfTree.length(from: start, to: range.upperBound) ?? range.upperBound - start
            body(start..<start + length)
            start += length + 1
        }
    }
}
