import Foundation
import Interfaces
import Storage
import Testing

@testable import SavedLog

@Suite struct SavedLogTests {
    /// A disk with an empty FAT16 file system.
    private func disk() throws -> Disk {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "PATH=\(ProcessInfo.processInfo.environment["PATH"] ?? ""):/usr/sbin:/sbin", "mkfs.vfat", "-C", path,
            "8192",
        ]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let disk = Disk([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
        let none = try SavedLog(try FATVolume(Disk(disk.bytes)))
        #expect(none == nil, "a volume that wants no log")
        let volume = try FATVolume(disk)
        try volume.makeDirectory("log")
        try volume.unmount()
        return disk
    }

    private func text(_ log: SavedLog) throws -> String {
        var text: [UInt8] = []
        try log.forEachPiece { text += $0 }
        return String(decoding: text, as: UTF8.self)
    }

    private func crashReport(_ log: SavedLog) throws -> String? {
        var text: [UInt8] = []
        return try log.forEachPieceOfCrashReport { text += $0 } ? String(decoding: text, as: UTF8.self) : nil
    }

    @Test func `what was appended is there, over runs that end without a goodbye`() throws {
        let disk = try disk()
        let log = try #require(try SavedLog(try FATVolume(disk)))
        #expect(try text(log) == "")
        #expect(try crashReport(log) == nil)
        try log.append([UInt8]("one\ntwo\n".utf8))
        try log.append([])
        try log.keep(crashReport: [UInt8]("trap".utf8))
        let next = try #require(try SavedLog(try FATVolume(Disk(disk.bytes))))
        try next.append([UInt8]("three\n".utf8))
        #expect(try text(next) == "one\ntwo\nthree\n")
        #expect(try crashReport(next) == "trap")
        try next.keep(crashReport: [UInt8](repeating: 0x78, count: 10_000))
        #expect(try crashReport(next) == String(repeating: "x", count: 10_000))
    }

    @Test(arguments: [1, 2, 4]) func `the log is bounded, and holds the latest`(_ files: Int) throws {
        let disk = try disk()
        var log = try #require(try SavedLog(try FATVolume(disk), files: files, fileSize: 1000))
        var all = ""
        for number in 0..<400 {
            let line = "line \(number) \(String(repeating: "x", count: number % 50))\n"
            all += line
            try log.append([UInt8](line.utf8))
            if number % 100 == 99 {
                log = try #require(try SavedLog(try FATVolume(disk), files: files, fileSize: 1000))
            }
        }
        let kept = try text(log)
        #expect(kept.utf8.count <= files * 1000 && kept.utf8.count >= (files - 1) * 900)
        #expect(all.hasSuffix(kept) && kept.hasPrefix("line "))
        var names: [String] = []
        try FATVolume(disk).list("log") { names.append($0.name) }
        #expect(names.count == files)
    }

    @Test func `text that is longer than a file has one of its own`() throws {
        let log = try #require(try SavedLog(try FATVolume(try disk()), files: 3, fileSize: 100))
        let long = String(repeating: "long", count: 500) + "\n"
        for line in ["short\n", long, "end\n"] { try log.append([UInt8](line.utf8)) }
        #expect(try text(log) == "short\n" + long + "end\n")
    }
}

/// A device in memory.
final class Disk: BlockDevice {
    var bytes: [UInt8]
    let geometry: BlockGeometry

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        geometry = BlockGeometry(blockCount: UInt64(bytes.count / 512))
    }

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
