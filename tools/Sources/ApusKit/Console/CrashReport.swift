/// What the lines of a guest's crash report say.
package enum CrashReport {
    /// A line of interest.
    package enum Line: Equatable, Sendable {
        case begin
        case end
        /// The build id of the image that crashed.
        case build(String)
        /// An address of code. A return address lies behind the call it stands for.
        case code(address: UInt64, isReturnAddress: Bool)
    }

    /// Reads a line, or nil if it says nothing of interest.
    package static func read(_ line: String) -> Line? {
        let text = line.trimmingCharacters { $0 == " " || $0 == "\t" || $0 == "\r" }
        if text.hasPrefix("=== crash report") { return .begin }
        if text.hasPrefix("=== end of crash report") { return .end }
        let words = text.split(separator: " ")
        guard words.count >= 2 else { return nil }
        if words[0] == "build:" { return .build(String(words[1])) }
        guard words[1].hasPrefix("0x"), let address = UInt64(words[1].dropFirst(2), radix: 16) else { return nil }
        switch words[0] {
        case "pc", "#0": return .code(address: address, isReturnAddress: false)
        case "lr": return .code(address: address, isReturnAddress: true)
        default:
            let number = words[0].dropFirst()
            guard words[0].hasPrefix("#"), UInt(number) != nil else { return nil }
            return .code(address: address, isReturnAddress: true)
        }
    }
}

extension String {
    /// The string without the characters at both ends that `matches` holds for.
    func trimmingCharacters(where matches: (Character) -> Bool) -> String {
        String(trimmingSuffix(while: matches).drop(while: matches))
    }
}
