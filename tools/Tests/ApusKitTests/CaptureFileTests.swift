import Foundation
import Testing

@testable import ApusKit

@Suite struct CaptureFileTests {
    /// What comes of a console that arrives in pieces of `size` bytes.
    private func run(_ console: String, by size: Int) throws -> (shown: String, file: [UInt8], damaged: Int) {
        try Files.withTemporaryDirectory { directory in
            let path = directory + "/frames.pcap"
            var capture = try CaptureFile(path)
            var shown: [UInt8] = []
            let bytes = Array(console.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                shown += capture.filter(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            shown += capture.flush()
            return (String(decoding: shown, as: UTF8.self), try Files.read(path), capture.damaged)
        }
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func `records go to the file and everything else to the person, however it arrives`(size: Int) throws {
        let result = try run("hello\r\npcap a1b2\r\npca\r\npcapx 00\r\npcap 00ff\nbye pcap 11\r\npc", by: size)
        #expect(result.shown == "hello\r\npca\r\npcapx 00\r\nbye pcap 11\r\npc")
        #expect(result.file == [0xA1, 0xB2, 0x00, 0xFF] && result.damaged == 0)
    }

    @Test(arguments: ["pcap 0", "pcap 0g", "pcap 00 11", "pcap AB"])
    func `a damaged record is counted and left out`(line: String) throws {
        let result = try run(line + "\r\npcap 77\r\n", by: 5)
        #expect(result.file == [0x77] && result.damaged == 1 && result.shown == "")
    }
}
