/// What an unfinished word could become.
public struct Candidate: Equatable, Sendable {
    /// The whole word, not escaped.
    public var name: [UInt8]
    /// What follows it when there is no other: a blank, or a slash behind a directory.
    public var suffix: [UInt8]

    /// The word `name`, followed by `suffix`.
    public init(_ name: [UInt8], suffix: [UInt8] = [ASCII.space]) {
        self.name = name
        self.suffix = suffix
    }

    /// The longest text, of whole characters, with which all of `candidates` begin. Letters A to Z match a to z; the first
    /// candidate decides which they are.
    public static func commonPrefix(_ candidates: [Candidate]) -> [UInt8] {
        guard let first = candidates.first?.name else { return [] }
        var length = first.count
        for candidate in candidates.dropFirst() {
            length = min(length, candidate.name.count)
            for index in 0..<length where ASCII.lowercased(first[index]) != ASCII.lowercased(candidate.name[index]) {
                length = index
                break
            }
        }
        while length > 0, length < first.count, first[length] & 0xc0 == 0x80 { length -= 1 }
        return Array(first[..<length])
    }

    /// Whether `name` begins with `start`; letters A to Z match a to z.
    public static func matches(_ name: [UInt8], start: [UInt8]) -> Bool {
        guard name.count >= start.count else { return false }
        for index in start.indices where ASCII.lowercased(name[index]) != ASCII.lowercased(start[index]) {
            return false
        }
        return true
    }
}
