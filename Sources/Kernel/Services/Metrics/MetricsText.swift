import Runtime

/// Measurements as Prometheus reads them: the text format, version 0.0.4.
public struct MetricsText {
    /// The type of the text for HTTP.
    public static var mediaType: StaticString { "text/plain; version=0.0.4; charset=utf-8" }

    /// What was written so far.
    public private(set) var text = Text()
    private var name: StaticString = ""

    /// Nothing measured yet.
    public init() {}

    /// What a number is.
    public enum Kind {
        /// It only grows, from 0 when the board starts. Its name ends in `_total`.
        case counter
        /// It goes up and down.
        case gauge
    }

    /// Begins the measurements called `name`, of which `help` says in a sentence what they are.
    public mutating func begin(_ name: StaticString, _ kind: Kind, _ help: StaticString) {
        self.name = name
        text.append("# HELP \(name) \(help)\n# TYPE \(name) ")
        text.append(kind == .counter ? "counter\n" : "gauge\n")
    }

    /// One of them, without labels.
    public mutating func sample(_ value: UInt64) { text.append("\(name) \(value)\n") }

    /// One of them, in units of 10^-`digits`.
    public mutating func sample(decimal value: UInt64, _ digits: Int) {
        text.append("\(name) \(decimal: value, digits)\n")
    }

    /// One of them, with a label.
    public mutating func sample(_ label: StaticString, _ labelValue: Text, _ value: UInt64) {
        text.append("\(name){\(label)=\"")
        putEscaped(labelValue)
        text.append("\"} \(value)\n")
    }

    /// The only one called `name`.
    public mutating func counter(_ name: StaticString, _ help: StaticString, _ value: UInt64) {
        begin(name, .counter, help)
        sample(value)
    }

    /// The only one called `name`.
    public mutating func gauge(_ name: StaticString, _ help: StaticString, _ value: UInt64) {
        begin(name, .gauge, help)
        sample(value)
    }

    private mutating func putEscaped(_ value: Text) {
        for byte in value.bytes {
            switch byte {
            case 0x5C: text.append("\\\\")
            case 0x22: text.append("\\\"")
            case 0x0A: text.append("\\n")
            default: text.put(byte)
            }
        }
    }
}
