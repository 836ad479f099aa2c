import Interfaces

/// The program's log: a line for each message on the console, the latest 16 KiB in memory.
///
///     [    1.234567] warning card: the clock was lowered to 25 MHz
///
/// Modules log through a `Logger`. For tasks: interrupt handlers count what happens, and a task logs it.
public enum Log {
    /// The least level that is kept, for modules without one of their own.
    nonisolated(unsafe) public static var level = LogLevel.info
    /// The least level that is also shown on the console.
    nonisolated(unsafe) public static var consoleLevel = LogLevel.notice

    nonisolated(unsafe) private static var ring: LogRing?
    /// Levels of single modules; few, so a list.
    nonisolated(unsafe) private static var modules: [(label: StaticString, level: LogLevel)] = []

    /// Bytes of text kept in memory.
    static let capacity = 16 << 10

    /// The least level that is kept of the module `label`.
    public static func level(of label: StaticString) -> LogLevel {
        for index in unsafe modules.indices where unsafe modules[index].label == label {
            return unsafe modules[index].level
        }
        return unsafe level
    }

    /// Sets the least level that is kept of the module `label`, from now on.
    public static func setLevel(_ level: LogLevel, of label: StaticString) {
        for index in unsafe modules.indices where unsafe modules[index].label == label {
            unsafe modules[index].level = level
            return
        }
        unsafe modules.append((label, level))
    }

    /// Notes a module, so that `forEachModule` and a person find it.
    static func register(_ label: StaticString) {
        for index in unsafe modules.indices where unsafe modules[index].label == label { return }
        unsafe modules.append((label, level))
    }

    /// Calls `body` with each module that has logged or has a level of its own.
    public static func forEachModule(_ body: (StaticString, LogLevel) -> Void) {
        for index in unsafe modules.indices { unsafe body(modules[index].label, modules[index].level) }
    }

    /// Calls `body` with each byte of the text in memory, the oldest first.
    public static func forEachByte(_ body: (UInt8) -> Void) { unsafe ring?.forEach(body) }

    /// Where the next byte of text goes, counted from the first one ever.
    public static var position: UInt64 { unsafe ring?.position ?? 0 }

    /// The text from `position` on, as far as it is still in memory: what came since somebody asked last.
    public static func text(from position: UInt64) -> [UInt8] {
        var text: [UInt8] = []
        unsafe ring?.forEach(from: position) { text.append($0) }
        return text
    }

    /// Raised by every message.
    nonisolated(unsafe) private static var listeners: [Signal] = []

    /// Raises `signal` with every message from now on, for somebody who keeps the log elsewhere.
    public static func addListener(_ signal: Signal) { unsafe listeners.append(signal) }

    /// Raises `signal` no more.
    public static func removeListener(_ signal: Signal) { unsafe listeners.removeAll { $0 === signal } }

    static func write(_ level: LogLevel, _ label: StaticString, _ message: Text) {
        var line = LogLine(isShown: unsafe level >= consoleLevel)
        let now = SystemTime.now.nanoseconds / 1_000
        line.put("[")
        line.putDecimal(now / 1_000_000, width: 5)
        line.put(".")
        line.putDecimal(now % 1_000_000, width: 6, fill: 0x30)
        line.put("] ")
        line.put(level.name)
        line.put(" ")
        line.put(label)
        line.put(": ")
        line.put(visible: message)
        line.put("\n")
        for index in unsafe listeners.indices { unsafe listeners[index].raise() }
    }

    fileprivate static func keep(_ byte: UInt8) {
        if unsafe ring == nil { unsafe ring = LogRing(capacity: capacity) }
        unsafe ring!.put(byte)
    }
}

/// A line on its way to the ring and, when it matters enough, to the console.
private struct LogLine: TextSink {
    let isShown: Bool

    /// Puts `message` without what a terminal would obey, or take for another line: much of it comes from devices and networks.
    mutating func put(visible message: Text) {
        var last: UInt8 = 0
        for byte in message.bytes {
            switch byte {
            case 0..<0x20, 0x7f: put(0x2e)
            // U+0080 to U+009F become U+00B7, a dot.
            case 0x80..<0xa0 where last == 0xc2: put(0xb7)
            default: put(byte)
            }
            last = byte
        }
    }

    mutating func put(_ byte: UInt8) {
        Log.keep(byte)
        if isShown { StandardOutput.put(byte) }
    }
}

/// Logs in the name of a module. A value without state: make one where it is needed.
public struct Logger: Sendable {
    /// The module's name.
    public let label: StaticString

    /// A logger for the module `label`.
    public init(label: StaticString) { self.label = label }

    /// Logs `message`, which is put together only if it is kept.
    public func log(_ level: LogLevel, _ message: @autoclosure () -> Text) {
        Log.register(label)
        if level >= Log.level(of: label) { Log.write(level, label, message()) }
    }

    /// For following every step.
    public func trace(_ message: @autoclosure () -> Text) { log(.trace, message()) }
    /// For finding mistakes.
    public func debug(_ message: @autoclosure () -> Text) { log(.debug, message()) }
    /// What is good to know.
    public func info(_ message: @autoclosure () -> Text) { log(.info, message()) }
    /// What a person should see.
    public func notice(_ message: @autoclosure () -> Text) { log(.notice, message()) }
    /// Something is not as it should be; the program copes.
    public func warning(_ message: @autoclosure () -> Text) { log(.warning, message()) }
    /// Something failed.
    public func error(_ message: @autoclosure () -> Text) { log(.error, message()) }
    /// The program cannot do its work.
    public func critical(_ message: @autoclosure () -> Text) { log(.critical, message()) }
}

extension StaticString {
    /// Whether both have the same bytes. (`==` of `String` links the Unicode tables.)
    static func == (left: StaticString, right: StaticString) -> Bool {
        guard left.utf8CodeUnitCount == right.utf8CodeUnitCount else { return false }
        for index in 0..<left.utf8CodeUnitCount where unsafe left.utf8Start[index] != right.utf8Start[index] {
            return false
        }
        return true
    }
}
