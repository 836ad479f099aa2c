/// The view of a guest's console: colours by log level, timestamps, crash reports with functions and lines.
///
/// A filter from bytes to bytes. Nothing is held back but the first characters of a line that may be a log line; who
/// has waited a moment for more calls `flush()`.
package struct ConsoleView {
    /// Whether lines are coloured.
    package var isColoured: Bool
    /// Told the time of each line if lines are to have it; nil for no timestamps.
    package var timestamp: (() -> String)?

    /// Whether a crash report has begun.
    package private(set) var sawCrash = false

    private let symbols: (any AddressNaming)?
    private var line: [UInt8] = []
    private var held: [UInt8] = []
    private var hasReturned = false
    private var isDeciding = true
    private var level: LogLevel?
    private var isInReport = false

    /// A view that names addresses by `symbols`.
    package init(isColoured: Bool, symbols: (any AddressNaming)? = nil, timestamp: (() -> String)? = nil) {
        self.isColoured = isColoured
        self.symbols = symbols
        self.timestamp = timestamp
    }

    /// Takes what the guest wrote and returns what to show.
    package mutating func show(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                endLine(into: &output)
                continue
            }
            if hasReturned {
                // Not the end of a line: it is written over from its beginning.
                output += flush()
                line = []
            }
            if byte == UInt8(ascii: "\r") {
                hasReturned = true
            } else {
                add(byte, to: &output)
            }
        }
        return output
    }

    /// Shows what was held back.
    package mutating func flush() -> [UInt8] {
        guard !held.isEmpty || hasReturned else { return [] }
        var output = release()
        if hasReturned { output.append(UInt8(ascii: "\r")) }
        hasReturned = false
        return output
    }

    private mutating func add(_ byte: UInt8, to output: inout [UInt8]) {
        if isDeciding, line.isEmpty, let timestamp {
            output += Array("\(timestamp()) ".utf8)
        }
        line.append(byte)
        guard isDeciding else {
            output.append(byte)
            return
        }
        held.append(byte)
        switch LogLevel.recognise(line) {
        case .open:
            break
        case .none:
            output += release()
        case .level(let found):
            level = found
            if isColoured { output += Array(found.colour.utf8) }
            output += release()
        }
    }

    private mutating func release() -> [UInt8] {
        defer { held = [] }
        isDeciding = false
        return held
    }

    private mutating func endLine(into output: inout [UInt8]) {
        output += release()
        output += Array((annotation(of: String(decoding: line, as: UTF8.self)) ?? "").utf8)
        if level != nil && isColoured { output += Array("\u{1b}[0m".utf8) }
        output += hasReturned ? [UInt8(ascii: "\r"), UInt8(ascii: "\n")] : [UInt8(ascii: "\n")]
        line = []
        hasReturned = false
        level = nil
        isDeciding = true
    }

    private mutating func annotation(of text: String) -> String? {
        switch CrashReport.read(text) {
        case .begin:
            (sawCrash, isInReport) = (true, true)
        case .end:
            isInReport = false
        case .build(let build):
            if isInReport, let known = symbols?.build, known != build {
                return "  (not the ELF file's, which is \(known): the names below are wrong)"
            }
        case .code(let address, let isReturnAddress):
            guard isInReport else { return nil }
            return symbols?.name(of: isReturnAddress ? address &- 4 : address).map { " " + $0 }
        case nil:
            break
        }
        return nil
    }
}
