/// What to do about each interrupt, and how often it came.
///
/// The board's interrupt controller says which interrupt it is; this table says whose. Handlers run with interrupts masked
/// on the exception stack: they take the cause away from the device, move a bounded amount of data, wake tasks and return. They
/// never wait and never allocate.
public enum Interrupts {
    /// A handler: a function without a context, so that calling it counts no references.
    public typealias Handler = @convention(c) () -> Void

    /// The number of interrupt ids there are.
    public static let count = 256

    private struct Entry {
        var handler: Handler?
        var occurrences: UInt64
        var name: StaticString
    }

    nonisolated(unsafe) private static var table: UnsafeMutablePointer<Entry>?
    /// Interrupts that nobody had asked for.
    nonisolated(unsafe) public private(set) static var unexpected: UInt64 = 0

    /// A handler runs now. Set by the board's interrupt entry.
    nonisolated(unsafe) public static var isHandling = false

    /// Calls `handler` for every interrupt `id` from now on. The caller then enables it at the controller.
    public static func register(_ id: UInt32, name: StaticString, _ handler: @escaping Handler) {
        contract(id < UInt32(count), "an interrupt id is below 256")
        if unsafe table == nil {
            unsafe table = .allocate(capacity: count)
            unsafe table!.initialize(repeating: Entry(handler: nil, occurrences: 0, name: ""), count: count)
        }
        unsafe table![Int(id)].name = name
        unsafe table![Int(id)].handler = handler
    }

    /// Counts interrupt `id` and calls its handler. For the board's interrupt entry.
    /// - Returns: false when it has none: whoever calls disables it at the controller, so that it cannot storm.
    public static func dispatch(_ id: UInt32) -> Bool {
        guard let table = unsafe table, id < UInt32(count), let handler = unsafe table[Int(id)].handler else {
            unsafe unexpected &+= 1
            return false
        }
        unsafe table[Int(id)].occurrences &+= 1
        handler()
        return true
    }

    /// Calls `body` with id, name and number of occurrences of each interrupt that has a handler.
    public static func forEach(_ body: (UInt32, StaticString, UInt64) -> Void) {
        guard let table = unsafe table else { return }
        for id in 0..<count where unsafe table[id].handler != nil {
            unsafe body(UInt32(id), table[id].name, table[id].occurrences)
        }
    }
}
