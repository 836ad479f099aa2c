import Foundation

/// Takes the records of a network capture out of a guest's console: lines `pcap HEX`, whose bytes, one after the other, are a file for
/// Wireshark, tshark or tcpdump. A filter from bytes to bytes, in front of the `ConsoleView`.
package struct CaptureFile {
    private static let mark = Array("pcap ".utf8)

    private let path: String
    private let file: FileHandle
    private var line: [UInt8] = []
    private var isRecord: Bool?

    /// Records that have been written, the file's header among them.
    package private(set) var records = 0
    /// Lines that began as a record and were none: the console has lost bytes.
    package private(set) var damaged = 0

    /// Begins a new file at `path`.
    package init(_ path: String) throws {
        try Files.write("", to: path)
        guard let file = FileHandle(forWritingAtPath: path) else { throw FileError.unwritable(path: path) }
        self.path = path
        self.file = file
    }

    /// Takes what the guest wrote and returns what of it is for the person.
    package mutating func filter(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        for byte in bytes {
            switch isRecord {
            case .some(true):
                if byte == UInt8(ascii: "\n") { endRecord() } else { line.append(byte) }
            case .some(false):
                output.append(byte)
                if byte == UInt8(ascii: "\n") { isRecord = nil }
            case nil:
                line.append(byte)
                if line == Self.mark {
                    (line, isRecord) = ([], true)
                } else if !Self.mark.starts(with: line) {
                    output += line
                    isRecord = byte == UInt8(ascii: "\n") ? nil : false
                    line = []
                }
            }
        }
        return output
    }

    /// What was held back because it may have become a record; for who has waited a moment for more.
    package mutating func flush() -> [UInt8] {
        guard isRecord == nil, !line.isEmpty else { return [] }
        defer { (line, isRecord) = ([], false) }
        return line
    }

    private mutating func endRecord() {
        defer { (line, isRecord) = ([], nil) }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard let bytes = Self.bytes(of: line), (try? file.write(contentsOf: bytes)) != nil else {
            damaged += 1
            return
        }
        records += 1
    }

    /// The bytes that hexadecimal digits stand for; nil if some are none.
    static func bytes(of digits: [UInt8]) -> [UInt8]? {
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
