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
}
