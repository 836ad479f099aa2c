/// Memory that some processors see through a coherent cache and others past it, as cores do that have not turned theirs on.
///
/// A line may leave the cache whenever it likes: written back when it is dirty, as a whole, over whatever was written past the cache
/// meanwhile. A line that is in the cache is what cached processors see, whatever lies in memory.
public final class TwoAgentMemoryModel {
    /// Words of 8 bytes in a line.
    public static let wordsInLine = 8

    private struct Line {
        var words: [UInt64]
        var isDirty: Bool
    }

    private var memory: [UInt64]
    private var cache: [Int: Line] = [:]
    private var random: SeededGenerator

    /// Memory of `lines` lines of zeros; `seed` decides which line leaves the cache when.
    public init(lines: Int, seed: UInt64) {
        memory = Array(repeating: 0, count: lines * Self.wordsInLine)
        random = SeededGenerator(seed: seed)
    }

    /// Lets lines leave the cache.
    public func evict() {
        for line in cache.keys.sorted() where Bool.random(using: &random) { drop(line) }
    }

    private func drop(_ line: Int) {
        guard let cached = cache.removeValue(forKey: line), cached.isDirty else { return }
        let first = line * Self.wordsInLine
        memory.replaceSubrange(first..<(first + Self.wordsInLine), with: cached.words)
    }

    private func fill(_ line: Int) {
        if cache[line] != nil { return }
        let first = line * Self.wordsInLine
        cache[line] = Line(words: Array(memory[first..<(first + Self.wordsInLine)]), isDirty: false)
    }

    /// What a processor reads.
    public func load(_ word: Int, isCached: Bool) -> UInt64 {
        guard isCached else { return memory[word] }
        fill(word / Self.wordsInLine)
        return cache[word / Self.wordsInLine]!.words[word % Self.wordsInLine]
    }

    /// What a processor writes.
    public func store(_ value: UInt64, _ word: Int, isCached: Bool) {
        guard isCached else { return memory[word] = value }
        fill(word / Self.wordsInLine)
        cache[word / Self.wordsInLine]!.words[word % Self.wordsInLine] = value
        cache[word / Self.wordsInLine]!.isDirty = true
    }

    /// Writes the line of `word` to memory (DC CVAC); it may stay in the cache.
    public func clean(_ word: Int) {
        let line = word / Self.wordsInLine
        guard let cached = cache[line] else { return }
        drop(line)
        cache[line] = Line(words: cached.words, isDirty: false)
    }
}
