import ShellCore
import Testing

@Suite struct CompletionTests {
    private func candidates(_ names: String...) -> [Candidate] {
        names.map { name in
            let isDirectory = name.hasSuffix("/")
            return Candidate(
                Array((isDirectory ? String(name.dropLast()) : name).utf8), suffix: isDirectory ? [0x2f] : [0x20])
        }
    }

    @Test func `a single candidate is put in place with what follows it`() {
        var typist = Typist()
        typist.type("cat re\t")
        #expect(typist.events == [.completion])
        typist.complete(from: 4, candidates("readme.txt"))
        #expect(typist.line == "cat readme.txt ")
        #expect(typist.terminal.text == "apus> cat readme.txt ")
    }

    @Test func `a directory is followed by a slash, so that one can go on`() {
        var typist = Typist()
        typist.type("ls po\t")
        typist.complete(from: 3, candidates("poems/"))
        #expect(typist.line == "ls poems/")
    }

    @Test func `several candidates give what they have in common, and then the list`() {
        var typist = Typist()
        typist.type("t\t")
        typist.complete(from: 0, candidates("tasks", "task-list"))
        #expect(typist.line == "task")
        typist.type("\t")
        typist.complete(from: 0, candidates("tasks", "task-list"))
        #expect(typist.line == "task")
        #expect(typist.terminal.finished.suffix(1) == ["tasks  task-list  "])
        #expect(typist.terminal.text == "apus> task")
    }

    @Test func `blanks and quotation marks in names are escaped, and split gives the name back`() throws {
        var typist = Typist()
        typist.type("cat The\t")
        typist.complete(from: 4, candidates("The swift's feet.txt"))
        #expect(typist.line == "cat The\\ swift\\'s\\ feet.txt ")
        let words = try Words.split(Array(typist.line.utf8))
        #expect(words.map { String(decoding: $0, as: UTF8.self) } == ["cat", "The swift's feet.txt"])
    }

    @Test func `the case of the name on the card wins`() {
        var typist = Typist()
        typist.type("cat REA\t")
        typist.complete(from: 4, candidates("readme.txt"))
        #expect(typist.line == "cat readme.txt ")
    }

    @Test func `no candidate rings the bell and changes nothing`() {
        var typist = Typist()
        typist.type("cat xyz\t")
        typist.complete(from: 4, [])
        #expect(typist.line == "cat xyz")
        #expect(typist.terminal.bells == 1)
    }

    @Test func `what stands behind the cursor stays`() {
        var typist = Typist()
        typist.type("cat re behind\u{1b}b\u{2}\t")
        typist.complete(from: 4, candidates("readme.txt"))
        #expect(typist.line == "cat readme.txt  behind")
    }

    @Test func `a completion that would not fit is refused`() {
        var typist = Typist(maximumLength: 8)
        typist.type("cat re\t")
        typist.complete(from: 4, candidates("readme.txt"))
        #expect(typist.line == "cat re")
    }

    @Test func `the common part ends between characters`() {
        let names = ["grün", "grüß"].map { Candidate(Array($0.utf8)) }
        #expect(Candidate.commonPrefix(names) == Array("grü".utf8))
        let others = ["aü", "aö"].map { Candidate(Array($0.utf8)) }
        #expect(Candidate.commonPrefix(others) == Array("a".utf8))
    }

    @Test(arguments: ["ab\u{9b}31mred", "ab\u{1b}[31m", "ab\u{85}", "ab\u{7f}"])
    func `a name is completed up to what cannot be typed, and then listed`(_ name: String) {
        var typist = Typist()
        typist.type("rm a\t")
        typist.complete(from: 3, candidates(name))
        #expect(typist.line == "rm ab")
        typist.type("\t")
        typist.complete(from: 3, candidates(name))
        #expect(typist.line == "rm ab")
        #expect(typist.terminal.complaint == nil)
    }

    @Test func `control characters in names are not sent to the terminal`() {
        var typist = Typist()
        typist.type("\t")
        typist.complete(from: 0, candidates("a\u{1b}[31m", "b\u{7}"))
        #expect(typist.terminal.complaint == nil)
    }
}
