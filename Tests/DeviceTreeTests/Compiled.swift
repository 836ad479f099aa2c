import Foundation
import Testing

@testable import DeviceTree

/// A device tree made by `dtc`, in memory of exactly its length, so that a sanitizer sees a read past its end. The memory lives
/// as long as the value.
@safe
final class Compiled {
    var memory: UnsafeMutableRawBufferPointer
    /// Length of the memory in bytes.
    var count: Int { unsafe memory.count }
    var bytes: [UInt8] { unsafe [UInt8](memory) }

    /// Compiles `source`, without its first line.
    convenience init(_ source: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["dtc", "-q", "-I", "dts", "-O", "dtb", "-"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(("/dts-v1/;\n" + source).utf8))
        try input.fileHandleForWriting.close()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "dtc refused the source")
        self.init([UInt8](data))
    }

    /// Copies `bytes` to memory of exactly their length, at a multiple of eight.
    init(_ bytes: [UInt8]) {
        unsafe memory = .allocate(byteCount: bytes.count, alignment: 8)
        unsafe memory.copyBytes(from: bytes)
    }

    deinit { unsafe memory.deallocate() }

    func tree() throws(DeviceTreeError) -> DeviceTree { try unsafe DeviceTree(UnsafeRawBufferPointer(memory)) }

    /// Replaces the big-endian word at `offset`.
    func setWord(_ offset: Int, _ value: UInt32) {
        unsafe memory.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }

    func word(_ offset: Int) -> UInt32 { unsafe memory.load(fromByteOffset: offset, as: UInt32.self).bigEndian }
}
