import Interfaces
import Network

/// A query to one server that may still be answered.
struct ResolverAttempt: Sendable {
    let flow: DNSFlow
    let identifier: UInt16
    let server: Endpoint
    /// The question, its letters as they were sent.
    let question: DNSQuestion
    /// Whether it is only asked because an answer had other letters than the question.
    var isForLetters = false
    var stream = DNSStream()

    /// Whether `message` answers this query.
    enum Match {
        /// It does.
        case yes
        /// But for the case of its letters.
        case otherCase
        /// It is from somebody else, or about something else.
        case no
    }

    /// Compares what is to be compared (RFC 5452 section 9.1); flow and server were before.
    func match(_ message: DNSMessage) -> Match {
        guard message.isResponse, message.operation == 0, message.identifier == identifier else { return .no }
        // A server that has trouble may say so without the question: what a forger could do with that is silence it for one query.
        if message.questions.isEmpty, message.responseCode.isTrouble { return .yes }
        guard message.questions.count == 1, message.questions[0] == question else { return .no }
        return message.questions[0].name.isIdentical(question.name) ? .yes : .otherCase
    }
}

/// One question that servers are being asked, for every request that waits for its answer.
struct ResolverLookup: Sendable {
    let number: UInt32
    let question: DNSQuestion
    /// The name that is asked for now: the question's, or what that stands for.
    var name: DNSName
    /// How many aliases were followed.
    var hops = 0
    /// The least time for which one of them is to be believed.
    var seconds = UInt32.max
    /// The queries that may be answered; the oldest first.
    var attempts: [ResolverAttempt] = []
    /// How many queries for this name were sent.
    var sent = 0
    /// When the next server is to be asked, or all is over.
    var retry = Instant(nanoseconds: 0)
    /// What a server said, should no other have an answer.
    var failure: ResolverError?
}
