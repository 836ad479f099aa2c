import DeviceTree
import Foundation

/// Device trees made by `dtc`.
enum BoardTree {
    /// Calls `body` with the tree that `source`, without its first line, describes.
    static func with<Result>(_ source: String, _ body: (DeviceTree) throws -> Result) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["dtc", "-q", "-I", "dts", "-O", "dtb", "-"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(("/dts-v1/; " + source).utf8))
        try input.fileHandleForWriting.close()
        let bytes = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
        defer { memory.deallocate() }
        memory.copyBytes(from: bytes)
        return try body(try DeviceTree(UnsafeRawBufferPointer(memory)))
    }
}
