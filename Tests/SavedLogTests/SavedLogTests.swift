import Interfaces
import KeyValue
import Testing

@testable import SavedLog

@Suite struct SavedLogTests {
    static func store() throws -> (Disk, KeyValueStore) {
        let disk = Disk()
        try KeyValueStore.format(disk)
        return (disk, try KeyValueStore(disk))
    }

    static func text(_ log: SavedLog) throws -> String {
        var text: [UInt8] = []
        try log.forEachPiece { text += $0 }
        return String(decoding: text, as: UTF8.self)
    }

    @Test func `what was appended is there, over runs`() throws {
        let (disk, store) = try Self.store()
        let log = try SavedLog(store)
        #expect(try Self.text(log) == "" && log.crashReport() == nil)
        try log.append([UInt8]("one\ntwo\n".utf8))
        try log.append([])
        try log.keep(crashReport: [UInt8]("trap".utf8))
        let next = try SavedLog(try KeyValueStore(disk))
        try next.append([UInt8]("three\n".utf8))
        #expect(try Self.text(next) == "one\ntwo\nthree\n")
        #expect(try next.crashReport() == [UInt8]("trap".utf8))
    }

    @Test func `the log is bounded, holds whole lines, and the latest`() throws {
        let (disk, store) = try Self.store()
        var log = try SavedLog(store, pieces: 4, pieceSize: 256)
        var all = ""
        for number in 0..<400 {
            let line = "line \(number) \(String(repeating: "x", count: number % 50))\n"
            all += line
            try log.append([UInt8](line.utf8))
            if number % 100 == 99 { log = try SavedLog(try KeyValueStore(disk), pieces: 4, pieceSize: 256) }
        }
        let kept = try Self.text(log)
        #expect(kept.count <= 4 * 256 && kept.count > 3 * 256 - 100)
        #expect(all.hasSuffix(kept) && kept.hasPrefix("line "))
    }

    @Test func `much at once is split between lines, and a line that is too long within`() throws {
        let (_, store) = try Self.store()
        let log = try SavedLog(store, pieces: 100, pieceSize: 64)
        let text =
            "short\n" + String(repeating: "long", count: 50) + "\n" + String(repeating: "some lines\n", count: 30)
        try log.append([UInt8](text.utf8))
        #expect(try Self.text(log) == text)
        for key in store.keys() { #expect(try store.value(for: key)!.count <= 64) }
    }
}

/// A device in memory.
final class Disk: BlockDevice {
    var bytes = [UInt8](repeating: 0, count: 512 * 512)
    let geometry = BlockGeometry(blockCount: 512)

    func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        let range = Int(first) * 512..<Int(first) * 512 + buffer.byteCount
        bytes.withUnsafeBytes { source in
            buffer.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[range])) }
        }
    }

    func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        let range = Int(first) * 512..<Int(first) * 512 + buffer.byteCount
        buffer.withUnsafeBytes { bytes.replaceSubrange(range, with: $0) }
    }

    func flush() throws(BlockError) {}
    func discard(_ blocks: Range<UInt64>) throws(BlockError) {}
}
