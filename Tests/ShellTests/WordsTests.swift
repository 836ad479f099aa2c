import ShellCore
import Testing

@Suite struct WordsTests {
    @Test(arguments: [
        ("", []), ("   ", []), ("ls", ["ls"]), ("  ls\t-l  /a ", ["ls", "-l", "/a"]),
        ("cat 'a b' \"c d\"", ["cat", "a b", "c d"]), ("cat a\\ b", ["cat", "a b"]), ("'a\\b'", ["a\\b"]),
        ("\"a\\\"b\"", ["a\"b"]), ("a'b'c", ["abc"]), ("''", [""]), ("x '' y", ["x", "", "y"]),
    ])
    func `a line is split into words`(line: String, words: [String]) throws {
        let found = try Words.split(Array(line.utf8))
        #expect(found.map { String(decoding: $0, as: UTF8.self) } == words)
    }

    @Test func `what is left open is named`() {
        #expect(throws: Words.Failure.openQuote) { try Words.split(Array("cat 'a".utf8)) }
        #expect(throws: Words.Failure.openQuote) { try Words.split(Array("cat \"a'".utf8)) }
        #expect(throws: Words.Failure.openEscape) { try Words.split(Array("cat a\\".utf8)) }
    }

    @Test(arguments: [
        ("", 0, "", 0), ("ls", 0, "ls", 0), ("ls ", 3, "", 1), ("cat a\\ b", 4, "a b", 1), ("cat 'a b", 4, "a b", 1),
    ])
    func `the unfinished word at the end is found`(line: String, start: Int, word: String, before: Int) {
        let last = Words.last(of: Array(line.utf8))
        #expect(last.start == start)
        #expect(last.word == Array(word.utf8))
        #expect(last.before.count == before)
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `escaping and splitting are inverse`(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let word = (0..<1 + random.below(20)).map { _ in UInt8(0x20 + random.below(224)) }
        #expect(try Words.split(Words.escaped(word)) == [word])
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `any bytes are split or refused`(seed: UInt64) {
        var random = SplitMix(state: seed)
        let line = (0..<random.below(200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let words = (try? Words.split(line)) ?? []
        #expect(words.reduce(0) { $0 + $1.count } <= line.count)
        let last = Words.last(of: line)
        #expect(last.start <= line.count)
    }
}
