import Testing

@testable import RaspberryPi4

@Suite struct BootArgumentsTests {
    @Test(
        arguments: [
            ("pcap", true), ("console=ttyAMA0 pcap", true), ("pcap root=/dev/x", true), ("a pcap b", true),
            ("", false), (" ", false), ("pcapx", false), ("xpcap", false), ("nopcap pcap=1", false),
            ("pca p", false), ("pcap\0", true), ("a\npcap\n", true),
        ])
    func `a word of the line is found whole or not at all`(line: String, isThere: Bool) {
        #expect(BootArguments(Array(line.utf8)).contains("pcap") == isThere)
    }

    @Test func `no line holds the empty word`() {
        #expect(!BootArguments(Array("a  b".utf8)).contains(""))
    }

    @Test func `of a line that the mailbox has cut the first word is left out, which may be the end of another`() {
        let blanks = [UInt8](repeating: 0x20, count: 300)
        func answer(_ line: String, _ length: Int) -> BootArguments {
            BootArguments(tag: Array((Array(line.utf8) + blanks).prefix(length)))
        }
        #expect(!answer("pcap console=tty", 256).contains("pcap"))
        #expect(answer("pcap console=tty", 255).contains("pcap"))
        #expect(answer("pcap console=tty", 256).contains("console=tty"))
        #expect(!BootArguments(tag: Array(repeating: 0x61, count: 256)).contains("a"))
    }

    @Test(
        arguments: [
            ("bootargs = \"console=serial0 pcap quiet\";", true), ("bootargs = [70 63 61 70];", true),
            ("bootargs = \"console\", \"pcap\";", false), ("bootargs;", false),
        ])
    func `the device tree's line ends where its text ends`(property: String, isThere: Bool) throws {
        let found = try BoardTree.with("/ { chosen { \(property) }; };") { tree in
            tree.chosen?.node.property("bootargs").map { BootArguments($0).contains("pcap") }
        }
        #expect(found == isThere)
    }
}
