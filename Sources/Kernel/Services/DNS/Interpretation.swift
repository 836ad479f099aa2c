/// What an answer says about a question (RFC 1034 section 5.2.2, RFC 2308 section 2).
enum Interpretation: Equatable {
    /// It answers the question; `name` is at the end of the aliases, `seconds` the time for which to believe it.
    case answer(name: DNSName, records: [DNSRecord.Data], seconds: UInt32)
    /// The name stands for another one, about which the server says nothing.
    case alias(DNSName, hops: Int)
    /// There is nothing; nil seconds when it is not said for how long to believe that.
    case nothing(ResolverError, seconds: UInt32?)

    /// The most aliases on the way to an answer.
    static let maximumHops = 8
    /// The most records of an answer that are kept.
    static let maximumRecords = 32

    /// Follows the aliases of `message`, an answer without error or one that says that there is no such name, from the name of `question`.
    init(_ message: DNSMessage, _ question: DNSQuestion) {
        var (name, hops, seconds) = (question.name, 0, UInt32.max)
        while true {
            var records: [DNSRecord.Data] = []
            for record in message.answers where record.name == name && record.data.type == question.type {
                if records.count < Self.maximumRecords { records.append(record.data) }
                seconds = min(seconds, record.timeToLive)
            }
            guard records.isEmpty else {
                self = .answer(name: name, records: records, seconds: seconds)
                return
            }
            guard let (next, time) = Self.alias(of: name, in: message) else { break }
            (name, hops, seconds) = (next, hops + 1, min(seconds, time))
            guard hops <= Self.maximumHops else {
                self = .nothing(.serverFailure, seconds: nil)
                return
            }
        }
        let negative = Self.negativeTime(message).map { min($0, seconds) }
        if message.responseCode == .nameError {
            self = .nothing(.noSuchName, seconds: negative)
        } else if hops > 0, negative == nil {
            self = .alias(name, hops: hops)
        } else {
            self = .nothing(.noData, seconds: negative)
        }
    }

    private static func alias(of name: DNSName, in message: DNSMessage) -> (DNSName, UInt32)? {
        for record in message.answers where record.name == name {
            if case .cname(let target) = record.data { return (target, record.timeToLive) }
        }
        return nil
    }

    /// For how many seconds to believe that there is nothing (RFC 2308 section 5).
    private static func negativeTime(_ message: DNSMessage) -> UInt32? {
        for record in message.authorities {
            if case .soa(_, _, _, let minimum) = record.data { return min(record.timeToLive, minimum) }
        }
        return nil
    }
}
