import ShellCore
import Testing

@Suite struct PromptTests {
    @Test(arguments: [
        ("/", "apus> "), ("/poems", "apus /poems> "), ("/a\u{9b}31m", "apus /a..31m> "),
        ("/a\u{1b}[31m", "apus /a^[[31m> "),
        ("/a\nroot", "apus /a^Jroot> "),
        ("/ä" + String(repeating: "x", count: 39), "apus " + String(repeating: "x", count: 39) + "> "),
        (String(repeating: "語", count: 20), "apus " + String(repeating: "語", count: 13) + "> "),
    ])
    func `a prompt shows the end of the directory, in whole characters that no terminal obeys`(
        _ directory: String, _ prompt: String
    ) {
        #expect(String(validating: Prompt.bytes(directory: Array(directory.utf8)), as: UTF8.self) == prompt)
    }
}
