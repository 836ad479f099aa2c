import Interfaces

/// Answers that are still to be believed, and the knowledge that there is none (RFC 2308).
///
/// Bounded: of a full cache, what would be forgotten first makes room. Complexity: O(n) in the number of entries.
struct DNSCache: Sendable {
    private struct Entry: Sendable {
        var question: DNSQuestion
        var result: Result<DNSAnswer, ResolverError>
        var expiry: Instant
    }

    private var entries: [Entry] = []
    private let capacity: Int

    /// Room for `capacity` questions; none with 0.
    init(capacity: Int) { self.capacity = capacity }

    /// How many questions are known.
    var count: Int { entries.count }

    /// What is known about `question`; nil when nothing is.
    func result(_ question: DNSQuestion, now: Instant) -> Result<DNSAnswer, ResolverError>? {
        for index in entries.indices where now < entries[index].expiry {
            let entry = entries[index]
            guard entry.question.name == question.name else { continue }
            // That there is no such name holds for every type (RFC 2308 section 5).
            if entry.question.type == question.type || entry.result.isNoSuchName { return entry.result }
        }
        return nil
    }

    /// Notes `result` until `expiry`.
    mutating func insert(
        _ question: DNSQuestion, _ result: Result<DNSAnswer, ResolverError>, until expiry: Instant, now: Instant
    ) {
        guard capacity > 0, now < expiry else { return }
        entries.removeAll { $0.expiry <= now || $0.question == question }
        if entries.count >= capacity {
            var first = 0
            for index in entries.indices where entries[index].expiry < entries[first].expiry { first = index }
            entries.remove(at: first)
        }
        entries.append(Entry(question: question, result: result, expiry: expiry))
    }

    /// Forgets everything.
    mutating func removeAll() { entries.removeAll() }
}

extension Result<DNSAnswer, ResolverError> {
    /// Whether this is the knowledge that there is no such name.
    fileprivate var isNoSuchName: Bool {
        if case .failure(.noSuchName) = self { return true }
        return false
    }
}
