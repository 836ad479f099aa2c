import DNS
import Interfaces
import Network

/// A service that others may find (DNS-SD, RFC 6763).
public struct MDNSServiceInstance: Sendable {
    /// What a person calls it: up to 63 bytes.
    public var name: String
    /// Its type, such as `_http._tcp`.
    public var type: String
    /// Its port.
    public var port: Port
    /// What else there is to say about it, `key=value` each.
    public var texts: [[UInt8]]

    /// A service.
    public init(_ name: String, type: String, port: Port, texts: [[UInt8]] = []) {
        (self.name, self.type, self.port, self.texts) = (name, type, port, texts)
    }
}

/// Answers for the names of one host on one link (RFC 6762), as a pure state machine: it is told the time and what arrives, and answers with
/// what is to be sent.
///
/// A name is probed for before it is claimed, and given up for the next one (`apus-2`) where somebody has it.
public struct MDNSResponder: Sendable {
    /// A message and where it goes.
    public struct Outgoing: Equatable, Sendable {
        /// The message.
        public var message: MDNSMessage
        /// The group, or who has asked.
        public var destination: Endpoint

        /// `message` to `destination`.
        public init(message: MDNSMessage, destination: Endpoint) {
            self.message = message
            self.destination = destination
        }
    }

    private enum Phase: Equatable {
        /// There is no address.
        case idle
        /// Asking whether anybody has the name, the `count`th time next.
        case probing(count: Int)
        /// Telling everybody, the `count`th time next.
        case announcing(count: Int)
        case running
    }

    /// The name without its number.
    private let label: String
    private let services: [MDNSServiceInstance]
    private var number = 1
    private var address: IPv4Address?
    private var phase = Phase.idle
    private var next = Instant.never
    /// Answers that wait for others to be sent with them.
    private var delayed: [MDNSRecord] = []
    private var delayedUntil = Instant.never
    /// When each of our records was last sent to everybody.
    private var lastSent: [Instant?] = []
    private var state: UInt64
    /// Names given up for somebody else's.
    public private(set) var conflicts: UInt64 = 0

    /// Seconds that records with an address or a port are believed for, and the others (section 10).
    private static let shortTime: UInt32 = 120
    private static let longTime: UInt32 = 4500

    /// A responder for `label`.local. `seed` spreads its delays.
    public init(_ label: String, services: [MDNSServiceInstance] = [], seed: UInt64) {
        self.label = label
        self.services = services
        state = seed
    }

    /// The host's name, while it has an address; claimed once `isClaimed`.
    public var hostName: DNSName? { DNSName((number == 1 ? label : "\(label)-\(number)") + ".local") }

    /// Whether the name is ours.
    public var isClaimed: Bool {
        switch phase {
        case .announcing, .running: true
        case .idle, .probing: false
        }
    }

    /// When `advance` has something to do.
    public var deadline: Instant { min(next, delayedUntil) }

    private mutating func random(_ bound: UInt64) -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) % bound
    }

    // MARK: Records

    /// Everything there is to say.
    private var records: [MDNSRecord] {
        guard let address, let host = hostName else { return [] }
        var records = [
            MDNSRecord(host, timeToLive: Self.shortTime, .a(address), isUnique: true),
            MDNSRecord(DNSName(reverse: address), timeToLive: Self.shortTime, .ptr(host), isUnique: true),
        ]
        for service in services {
            guard let type = DNSName(service.type + ".local"), let instance = instanceName(service, type),
                let enumeration = DNSName("_services._dns-sd._udp.local")
            else { continue }
            let texts = service.texts.isEmpty ? [[]] : service.texts
            records += [
                MDNSRecord(type, timeToLive: Self.longTime, .ptr(instance), isUnique: false),
                MDNSRecord(
                    instance, timeToLive: Self.shortTime,
                    .srv(priority: 0, weight: 0, port: service.port, target: host), isUnique: true),
                MDNSRecord(instance, timeToLive: Self.longTime, .txt(texts), isUnique: true),
                MDNSRecord(enumeration, timeToLive: Self.longTime, .ptr(type), isUnique: false),
            ]
        }
        return records
    }

    private func instanceName(_ service: MDNSServiceInstance, _ type: DNSName) -> DNSName? {
        let name = Array((number == 1 ? service.name : "\(service.name) (\(number))").utf8)
        guard !name.isEmpty, name.count <= 63, name.count + 1 + type.encoded.count <= DNSName.maximumLength else {
            return nil
        }
        return DNSName(encoded: [UInt8(name.count)] + name + type.encoded)
    }

    /// That there is an IPv4 address about the host's name and nothing else (section 6.1).
    private var nothingElse: MDNSRecord? {
        guard let host = hostName else { return nil }
        // The window of the types below 256, a byte of bits: type 1.
        return MDNSRecord(
            host, timeToLive: Self.shortTime, .other(MDNSMessage.nsec, host.encoded + [0, 1, 0x40]), isUnique: true)
    }

    // MARK: Time

    /// The address has changed, or is gone.
    public mutating func setAddress(_ address: IPv4Address?, now: Instant) -> [Outgoing] {
        guard address != self.address else { return [] }
        let farewell = isClaimed ? goodbye() : []
        self.address = address
        delayed = []
        delayedUntil = .never
        if address == nil {
            phase = .idle
            next = .never
        } else {
            probe(now + .milliseconds(random(250)))
        }
        return farewell
    }

    /// Tells everybody that the names are free (section 10.1).
    public func goodbye() -> [Outgoing] {
        var message = MDNSMessage()
        message.isResponse = true
        message.answers = records.map {
            MDNSRecord($0.record.name, timeToLive: 0, $0.record.data, isUnique: $0.isUnique)
        }
        return message.answers.isEmpty ? [] : [Outgoing(message: message, destination: MDNSMessage.group)]
    }

    private mutating func probe(_ start: Instant) {
        phase = .probing(count: 1)
        next = start
        lastSent = Array(repeating: nil, count: records.count)
    }

    /// Does what is due at `now`.
    public mutating func advance(to now: Instant) -> [Outgoing] {
        var outgoing: [Outgoing] = []
        if delayedUntil <= now {
            outgoing += multicast(delayed, now)
            delayed = []
            delayedUntil = .never
        }
        guard next <= now else { return outgoing }
        switch phase {
        case .probing(let count):
            if count <= 3 {
                outgoing.append(Outgoing(message: probeMessage, destination: MDNSMessage.group))
                phase = .probing(count: count + 1)
                next = now + .milliseconds(250)
            } else {
                outgoing += announce(1, now)
            }
        case .announcing(let count): outgoing += announce(count, now)
        case .idle, .running: next = .never
        }
        return outgoing
    }

    private var probeMessage: MDNSMessage {
        var message = MDNSMessage()
        let unique = records.filter { $0.isUnique && $0.record.data.type != .ptr }
        for record in unique where !message.questions.contains(where: { $0.name == record.record.name }) {
            message.questions.append(MDNSQuestion(record.record.name, MDNSMessage.any, allowsUnicast: true))
        }
        message.authorities = unique.map {
            MDNSRecord($0.record.name, timeToLive: $0.record.timeToLive, $0.record.data, isUnique: false)
        }
        return message
    }

    /// Twice, a second apart (section 8.3).
    private mutating func announce(_ count: Int, _ now: Instant) -> [Outgoing] {
        phase = count < 2 ? .announcing(count: count + 1) : .running
        next = count < 2 ? now + .seconds(1) : .never
        lastSent = Array(repeating: nil, count: records.count)
        return multicast(records, now)
    }

    private mutating func multicast(_ answers: [MDNSRecord], _ now: Instant) -> [Outgoing] {
        guard !answers.isEmpty else { return [] }
        let own = records
        for (index, record) in own.enumerated() where index < lastSent.count && answers.contains(record) {
            lastSent[index] = now
        }
        var message = MDNSMessage()
        message.isResponse = true
        message.answers = answers
        message.additionals = additionals(for: answers)
        return [Outgoing(message: message, destination: MDNSMessage.group)]
    }

    /// What who has got `answers` will ask next (RFC 6763, section 12).
    private func additionals(for answers: [MDNSRecord]) -> [MDNSRecord] {
        let own = records
        var wanted: [MDNSRecord] = []
        func add(_ name: DNSName, isInstance: Bool) {
            for record in own where record.record.name == name {
                let type = record.record.data.type
                guard type == .a || isInstance && (type == .srv || type == .txt) else { continue }
                if !answers.contains(record), !wanted.contains(record) { wanted.append(record) }
            }
        }
        for answer in answers {
            switch answer.record.data {
            case .ptr(let instance): add(instance, isInstance: true)
            case .srv(_, _, _, let target): add(target, isInstance: false)
            default: break
            }
        }
        for record in wanted {
            if case .srv(_, _, _, let target) = record.record.data { add(target, isInstance: false) }
        }
        return wanted
    }

    // MARK: Messages

    /// Takes a message that came from `sender`.
    public mutating func receive(_ bytes: RawSpan, from sender: Endpoint, now: Instant) -> [Outgoing] {
        guard address != nil, let message = try? MDNSMessage(parsing: bytes) else { return [] }
        if message.isResponse {
            // Who answers from elsewhere than the port is nobody (section 6).
            if sender.port == MDNSMessage.port { checkConflict(message.answers + message.additionals, now) }
            return []
        }
        if case .probing = phase {
            checkProbe(message.authorities, now)
            return []
        }
        return answer(message, sender, now)
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
        var answers: [MDNSRecord] = []
        // Made once, however much is asked.
        let own = records
        for question in query.questions {
            for record in answersTo(question, own) where !answers.contains(record) { answers.append(record) }
        }
        // What the asker knows already, and for half of its time yet (section 7.1).
        answers.removeAll { own in
            query.answers.contains {
                $0.record.name == own.record.name && $0.record.data == own.record.data
                    && $0.record.timeToLive >= own.record.timeToLive / 2
            }
        }
        guard !answers.isEmpty else { return [] }
        if sender.port != MDNSMessage.port { return [legacy(query, answers, sender)] }
        if query.questions.allSatisfy({ $0.allowsUnicast }) {
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
        if answers.isEmpty { return [] }
        // Only we can answer for what is unique; for the rest others answer at the same time, and more may be asked.
        if !query.isTruncated, answers.allSatisfy({ $0.isUnique }) { return multicast(answers, now) }
        for answer in answers where !delayed.contains(answer) { delayed.append(answer) }
        let delay = query.isTruncated ? 400 + random(100) : 20 + random(100)
        delayedUntil = min(delayedUntil, now + .milliseconds(delay))
        return []
    }

    private func answersTo(_ question: MDNSQuestion, _ records: [MDNSRecord]) -> [MDNSRecord] {
        let own = records.filter {
            $0.record.name == question.name
                && (question.type == MDNSMessage.any || question.type == $0.record.data.type)
        }
        if own.isEmpty, question.name == hostName, let nothingElse { return [nothingElse] }
        return own
    }

    /// For one that knows DNS alone: its number and its question come back, and nothing that it would misread (section 6.7).
    private func legacy(_ query: MDNSMessage, _ answers: [MDNSRecord], _ sender: Endpoint) -> Outgoing {
        var message = MDNSMessage()
        message.identifier = query.identifier
        message.isResponse = true
        message.questions = query.questions.map { MDNSQuestion($0.name, $0.type) }
        message.answers = answers.map {
            MDNSRecord($0.record.name, timeToLive: min(10, $0.record.timeToLive), $0.record.data, isUnique: false)
        }
        return Outgoing(message: message, destination: sender)
    }
}
