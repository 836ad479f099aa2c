import Interfaces
import RaspberryPi4
import Runtime
import ShellCore

// hexdump: bytes of a file, or of memory.

extension Command {
    static var hexdump: Command {
        Command(
            name: "hexdump", usage: "path|address [offset] [limit]", help: "bytes of a file, or of memory at 0x...",
            arguments: .path
        ) { (session, words) throws(CommandError) in
            guard (1...3).contains(words.count) else { throw .usage }
            let offset = words.count > 1 ? try number(words[1]) : 0
            let limit = words.count > 2 ? try number(words[2]) : nil
            if words[0].starts(with: Array("0x".utf8)), let address = Number.parse(words[0]) {
                return try dumpMemory(at: address &+ offset, limit ?? 256, in: session)
            }
            var position = offset
            try session.readFile(session.path(words[0]), from: offset, limit: limit ?? .max) {
                (chunk) throws(CommandError) in
                try dump(chunk, at: position, in: session)
                position += UInt64(chunk.count)
            }
        }
    }

    private static func number(_ word: [UInt8]) throws(CommandError) -> UInt64 {
        guard let value = Number.parse(word) else { throw .failed("\(word): not a number; 64, 0x40 and 4K are some") }
        return value
    }

    private static func dump(_ bytes: ArraySlice<UInt8>, at offset: UInt64, in session: Session) throws(CommandError) {
        var start = bytes.startIndex
        while start < bytes.endIndex {
            try session.checkCancellation()
            let end = min(start + HexLine.width, bytes.endIndex)
            session.write(HexLine.text(bytes[start..<end], at: offset + UInt64(start - bytes.startIndex)))
            session.line()
            start = end
        }
    }

    /// Words that do not exist are not shown: reading goes through a probe, which survives them.
    private static func dumpMemory(at address: UInt64, _ limit: UInt64, in session: Session) throws(CommandError) {
        let start = address & ~3
        let (end, isTooFar) = start.addingReportingOverflow(limit)
        guard !isTooFar, end < 1 << 48 else { throw .failed("there are no addresses beyond 0x1000000000000") }
        var line: [UInt8] = []
        var position = start
        while position < end {
            guard let word = MMIO(UInt(position)).probe(0) else {
                try dump(line[...], at: position - UInt64(line.count), in: session)
                throw .failed("nothing answers at \(hexadecimal: position, digits: 8)")
            }
            for shift: UInt32 in [0, 8, 16, 24] { line.append(UInt8(truncatingIfNeeded: word >> shift)) }
            position += 4
            if line.count == HexLine.width || position >= end {
                try dump(line[...], at: position - UInt64(line.count), in: session)
                line = []
            }
        }
    }
}
