extension Command {
    /// Runs and hands each line of output and errors to `print`; if `quiet`, only when the command fails.
    package func capturePrinting(_ print: (String) -> Void, quiet: Bool = false) throws -> ExitStatus {
        if quiet {
            let output = try capture(mergingErrors: true)
            if !output.status.isSuccess {
                output.text.split(separator: "\n", omittingEmptySubsequences: false).forEach { print(String($0)) }
            }
            return output.status
        }
        let child = try start(output: .pipe, mergesErrors: true)
        var lines = LineSplitter()
        while case .bytes(let bytes) = Descriptor.read(child.output) {
            lines.add(bytes).forEach(print)
        }
        lines.rest.map(print)
        return child.wait()
    }
}

/// Cuts a stream of bytes into lines.
struct LineSplitter {
    private var pending: [UInt8] = []

    /// Takes bytes and returns the lines they complete, without their ends.
    mutating func add(_ bytes: [UInt8]) -> [String] {
        pending += bytes
        var pieces = pending.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        pending = Array(pieces.removeLast())
        return pieces.map { String(decoding: $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0, as: UTF8.self) }
    }

    /// What stands after the last line end, if anything.
    var rest: String? { pending.isEmpty ? nil : String(decoding: pending, as: UTF8.self) }
}
