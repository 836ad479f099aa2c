/// The stack at the end of a namespace's TAP interface, in a process of its own.
final class TapStack {
    private let child: ChildProcess
    private var output: [UInt8] = []

    /// Starts it and waits until it listens. `options` are those of `TapHost`.
    init(_ programs: NetworkPrograms, in namespace: NetworkNamespace, _ options: [String]) throws {
        child = try namespace.command(programs.tapHost, options).start(input: .pipe, output: .pipe)
        while !output.contains(UInt8(ascii: "\n")) {
            guard case .bytes(let bytes) = Descriptor.read(child.output) else {
                throw NetworkPeersError.notReady("TapHost")
            }
            output += bytes
        }
    }

    deinit { child.terminate() }

    /// Lets it end, or, if `isClient`, waits until it has done what it was to do; gives what it counted.
    /// - Throws: when a byte was wrong.
    func finish(isClient: Bool) throws -> [String: Int] {
        if !isClient { child.closeInput() }
        output += Descriptor.readToEnd(child.output)
        let text = String(decoding: output, as: UTF8.self)
        guard child.wait().isSuccess else { throw NetworkPeersError.failed("TapHost", output: text) }
        return text.split(separator: "\n").reduce(into: [:]) { figures, line in
            let words = line.split(separator: " ")
            if words.count == 2, let value = Int(words[1]) { figures[String(words[0])] = value }
        }
    }
}
