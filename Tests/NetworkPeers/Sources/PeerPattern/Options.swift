/// Arguments of the form `--name value`.
public struct Options: Sendable {
    private var values: [String: String] = [:]

    /// The options in `arguments`; nil when these are not pairs of a name and a value.
    public init?(_ arguments: some Sequence<String>) {
        var rest = Array(arguments)[...]
        while let name = rest.popFirst() {
            guard name.hasPrefix("--"), let value = rest.popFirst() else { return nil }
            values[String(name.dropFirst(2))] = value
        }
    }

    /// The text after `name`; nil without it.
    public func text(_ name: String) -> String? { values[name] }

    /// The number after `name`, or `otherwise`. Traps when it is none.
    public func number(_ name: String, or otherwise: Int) -> Int {
        guard let text = values[name] else { return otherwise }
        guard let number = Int(text) else { fatalError("--\(name) wants a number, not \(text)") }
        return number
    }
}
