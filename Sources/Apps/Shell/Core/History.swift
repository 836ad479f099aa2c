/// The lines typed before, and where among them the person stands.
public struct History: Sendable {
    private var lines: [[UInt8]] = []
    private let limit: Int
    /// The line shown; the number of lines when none of them is.
    private var position = 0
    /// What was being typed when the person went up.
    private var draft: [UInt8] = []

    /// A history of at most `limit` lines, the oldest of which give way.
    public init(limit: Int) { self.limit = limit }

    /// Number of lines remembered.
    public var count: Int { lines.count }

    /// Remembers `line`, unless it is blank or repeats the last one, and goes to the end.
    public mutating func add(_ line: [UInt8]) {
        defer { position = lines.count }
        guard limit > 0, line.contains(where: { !ASCII.isBlank($0) }), lines.last != line else { return }
        if lines.count == limit { lines.removeFirst() }
        lines.append(line)
    }

    /// The line before the one shown; nil when there is none. `current` is what the person has typed so far.
    public mutating func up(from current: [UInt8]) -> [UInt8]? {
        guard position > 0 else { return nil }
        if position == lines.count { draft = current }
        position -= 1
        return lines[position]
    }

    /// The line after the one shown, in the end what was being typed; nil when that is shown already.
    public mutating func down() -> [UInt8]? {
        guard position < lines.count else { return nil }
        position += 1
        return position == lines.count ? draft : lines[position]
    }

    /// Goes to the end: the line in progress was given up.
    public mutating func reset() { position = lines.count }
}
