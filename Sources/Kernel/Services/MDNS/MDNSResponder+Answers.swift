import DNS
import Interfaces
import Network

/// What is answered, and what is believed.
extension MDNSResponder {
    /// Answers that wait at a time.
    private static var pendingLimit: Int { 64 }

    /// Takes a message that came from `sender` for `destination`: the group, or this host alone.
    public mutating func receive(
        _ bytes: RawSpan, from sender: Endpoint, to destination: IPv4Address, now: Instant
    ) -> [Outgoing] {
        // No router passes on what is for the group; what is for this host may come from anywhere (section 11).
        let isForGroup = destination == MDNSMessage.group.address.v4
        guard address != nil, isForGroup || isOnLink(sender), let message = try? MDNSMessage(parsing: bytes) else {
            return []
        }
        if message.isResponse {
            // Who answers from another port is nobody (section 6). One for this host alone answers a probe: nothing else asks for it.
            if sender.port == MDNSMessage.port, isForGroup || !isClaimed {
                checkConflict(message.answers + message.additionals, now)
            }
            return []
        }
        if case .probing = phase {
            checkProbe(message.authorities, now)
            return []
        }
        return answer(message, sender, now)
    }

    /// Whether to believe the answers of a message that came from `sender` for `destination`. Who answers from another port is nobody
    /// (section 6), and no answer for this host alone was asked for.
    public static func believesAnswers(from sender: Endpoint, to destination: IPv4Address) -> Bool {
        sender.port == MDNSMessage.port && destination == MDNSMessage.group.address.v4
    }

    /// Whether an answer for `sender` alone stays on the link.
    private func isOnLink(_ sender: Endpoint) -> Bool {
        guard let address, let other = sender.address.v4 else { return false }
        return address.network.contains(other)
    }

    /// Somebody else says something about a name that is ours, or is about to be (section 9).
    private mutating func checkConflict(_ others: [MDNSRecord], _ now: Instant) {
        for own in records where own.isUnique && own.record.data.type != .ptr {
            for other in others where other.record.timeToLive > 0 && other.record.name == own.record.name {
                guard other.record.data.type == own.record.data.type, other.record.data != own.record.data else {
                    continue
                }
                conflicts += 1
                if case .probing = phase {
                    number += 1
                    // After many conflicts slower (section 8.1).
                    probe(now + (conflicts > 15 ? .seconds(5) : .milliseconds(random(250))))
                } else {
                    probe(now + .milliseconds(random(250)))
                }
                return
            }
        }
    }

    /// Somebody else asks for the same name at the same time: the later data wins (section 8.2).
    private mutating func checkProbe(_ others: [MDNSRecord], _ now: Instant) {
        guard let own = records.first else { return }
        for other in others where other.record.name == own.record.name && other.record.data.type == own.record.data.type
        {
            if own.record.data.encoded.lexicographicallyPrecedes(other.record.data.encoded) {
                probe(now + .seconds(1))
                return
            }
        }
    }

    private mutating func answer(_ query: MDNSMessage, _ sender: Endpoint, _ now: Instant) -> [Outgoing] {
        // What one message has no room for, the ones behind it say (section 7.2).
        pending.removeAll { $0.asker == sender.address && Self.isKnown($0.record, query) }
        var answers: [MDNSRecord] = []
        // Made once, however much is asked.
        let own = records
        for question in query.questions {
            for record in answersTo(question, own) where !answers.contains(record) { answers.append(record) }
        }
        answers.removeAll { Self.isKnown($0, query) }
        if sender.port != MDNSMessage.port {
            return answers.isEmpty || !isOnLink(sender) ? [] : [legacy(query, answers, sender)]
        }
        if !query.isTruncated, !answers.isEmpty, isOnLink(sender), query.questions.allSatisfy({ $0.allowsUnicast }) {
            var message = MDNSMessage()
            message.isResponse = true
            message.answers = answers
            message.additionals = additionals(for: answers)
            return [Outgoing(message: message, destination: sender)]
        }
        // Nothing is told to everybody twice in a second.
        answers.removeAll { answer in
            guard let index = own.firstIndex(of: answer), index < lastSent.count, let last = lastSent[index] else {
                return false
            }
            return now - last < .seconds(1)
        }
        // Only we can answer for what is unique; for the rest others answer at the same time, and more may be asked.
        if !query.isTruncated, answers.allSatisfy({ $0.isUnique }) { return multicast(answers, now) }
        let due = now + .milliseconds(query.isTruncated ? 400 + random(100) : 20 + random(100))
        // More is to come: what this asker waits for waits for that.
        if query.isTruncated {
            for index in pending.indices where pending[index].asker == sender.address { pending[index].due = due }
        }
        delay(answers, sender.address, due)
        return []
    }

    private mutating func delay(_ answers: [MDNSRecord], _ asker: IPAddress, _ due: Instant) {
        for answer in answers where !pending.contains(where: { $0.asker == asker && $0.record == answer }) {
            guard pending.count < Self.pendingLimit else { return }
            pending.append(Pending(record: answer, asker: asker, due: due))
        }
    }

    /// Whether the asker knows `record`, and for half of its time yet (section 7.1).
    private static func isKnown(_ record: MDNSRecord, _ query: MDNSMessage) -> Bool {
        query.answers.contains {
            $0.record.name == record.record.name && $0.record.data == record.record.data
                && $0.record.timeToLive >= record.record.timeToLive / 2
        }
    }

    private func answersTo(_ question: MDNSQuestion, _ records: [MDNSRecord]) -> [MDNSRecord] {
        let own = records.filter {
            $0.record.name == question.name
                && (question.type == MDNSMessage.any || question.type == $0.record.data.type)
        }
        if own.isEmpty, question.name == hostName, let nothingElse { return [nothingElse] }
        return own
    }

    /// For one that knows DNS alone: its number and its question come back, and nothing that it would misread (section 6.7). One frame,
    /// however much was asked: each question once, and only what is answered.
    private func legacy(_ query: MDNSMessage, _ answers: [MDNSRecord], _ sender: Endpoint) -> Outgoing {
        var message = MDNSMessage()
        message.identifier = query.identifier
        message.isResponse = true
        for question in query.questions {
            let plain = MDNSQuestion(question.name, question.type)
            guard !message.questions.contains(plain), answers.contains(where: { $0.record.name == plain.name }) else {
                continue
            }
            message.questions.append(plain)
        }
        message.answers = answers.map {
            MDNSRecord($0.record.name, timeToLive: min(10, $0.record.timeToLive), $0.record.data, isUnique: false)
        }
        while message.encoded.count > MDNSMessage.maximumSize, message.questions.count > 1 {
            message.questions.removeLast()
        }
        while message.encoded.count > MDNSMessage.maximumSize, message.answers.count > 1 {
            message.answers.removeLast()
        }
        return Outgoing(message: message, destination: sender)
    }
}
