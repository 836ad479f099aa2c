/// Which drivers an image holds, told from its symbols.
package enum DeviceList {
    /// The folders of `Sources/Drivers` that are no device.
    package static let notDevices: Set = ["RaspberryPi4", "DeviceTree"]

    /// Those of `modules` that any Swift symbol mentions.
    ///
    /// A driver's code is often specialised for its register window or inlined into the board, so that the module's
    /// name stands inside a mangled name rather than at its beginning; both count as use.
    package static func devices(in symbols: [ELFImage.Symbol], among modules: [String]) -> [String] {
        let names = symbols.map(\.name).filter { $0.hasPrefix("$s") || $0.hasPrefix("$e") }
        return modules.filter { module in
            !notDevices.contains(module) && names.contains { mentions(module, in: $0) }
        }.sorted()
    }

    /// Whether a mangled name mentions the module: its name after its length, as the mangling writes identifiers.
    static func mentions(_ module: String, in mangled: String) -> Bool {
        let name = Array(mangled.utf8)
        let pattern = Array("\(module.utf8.count)\(module)".utf8)
        guard name.count >= pattern.count else { return false }
        return (0...name.count - pattern.count).contains { start in
            guard name[start] == pattern[0], name[start...].starts(with: pattern) else { return false }
            // Otherwise the digits are the end of a longer number: `14GPIO` is no `4GPIO`.
            return start == 0 || !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(name[start - 1])
        }
    }
}
