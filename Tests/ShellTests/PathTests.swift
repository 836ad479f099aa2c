import ShellCore
import Testing

@Suite struct PathTests {
    @Test(arguments: [
        ("", "/", "/"), ("", "/a", "/a"), ("b", "/a", "/a/b"), ("/b", "/a", "/b"), ("..", "/a/b", "/a"),
        ("..", "/", "/"),
        ("../../../c", "/a", "/c"), ("./b/./c/", "/a", "/a/b/c"), ("//b//c", "/", "/b/c"), ("...", "/", "/..."),
        ("b/../c", "/a", "/a/c"), ("/", "/a", "/"),
    ])
    func `a path is seen from the current directory`(path: String, base: String, result: String) {
        #expect(Path.resolve(Array(path.utf8), from: Array(base.utf8)) == Array(result.utf8))
    }

    @Test(arguments: [("", "", ""), ("a", "", "a"), ("a/", "a/", ""), ("/a/b", "/a/", "b"), ("/", "/", "")])
    func `directory and unfinished name are told apart`(path: String, directory: String, name: String) {
        let parts = Path.parts(Array(path.utf8))
        #expect(parts.directory == Array(directory.utf8))
        #expect(parts.name == Array(name.utf8))
    }
}
