import DNS
import Interfaces
import Network

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

    enum Phase: Equatable {
        /// There is no address.
        case idle
        /// Asking whether anybody has the name, the `count`th time next.
        case probing(count: Int)
        /// Telling everybody, the `count`th time next.
        case announcing(count: Int)
        case running
    }

    /// An answer that waits for others to be sent with it, and for what its asker knows already.
    struct Pending {
        let record: MDNSRecord
        /// Who asked.
        let asker: IPAddress
        /// When it is sent.
        var due: Instant
    }

    /// The name without its number.
    private let label: String
    private let services: [MDNSServiceInstance]
    var number = 1
    /// The interface's address and its network: the link whose names these are.
    private(set) var address: InterfaceAddress?
    private(set) var phase = Phase.idle
    private var next = Instant.never
    var pending: [Pending] = []
    /// When each of our records was last sent to everybody.
    private(set) var lastSent: [Instant?] = []
    private var state: UInt64
    /// Names given up for somebody else's.
    public internal(set) var conflicts: UInt64 = 0

    /// Seconds that records with an address or a port are believed for, and the others (section 10).
    static let shortTime: UInt32 = 120
    static let longTime: UInt32 = 4500

    /// A responder for `label`.local. `seed` spreads its delays.
    public init(_ label: String, services: [MDNSServiceInstance] = [], seed: UInt64) {
        self.label = label
        self.services = services
        state = seed
    }

    /// The host's name, while it has an address; claimed once `isClaimed`.
    public var hostName: DNSName? {
        let text = number == 1 ? label : MDNSServiceInstance.shortened(label, before: "-\(number)")
        return DNSName(text + ".local")
    }

    /// Whether the name is ours.
    public var isClaimed: Bool {
        switch phase {
        case .announcing, .running: true
        case .idle, .probing: false
        }
    }

    /// When `advance` has something to do.
    public var deadline: Instant { pending.reduce(next) { min($0, $1.due) } }

    mutating func random(_ bound: UInt64) -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) % bound
    }

    // MARK: Records

    /// Everything there is to say.
    var records: [MDNSRecord] {
        guard let address = address?.address, let host = hostName else { return [] }
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
        let text = number == 1 ? service.name : MDNSServiceInstance.shortened(service.name, before: " (\(number))")
        let name = Array(text.utf8)
        guard !name.isEmpty, name.count <= 63, name.count + 1 + type.encoded.count <= DNSName.maximumLength else {
            return nil
        }
        return DNSName(encoded: [UInt8(name.count)] + name + type.encoded)
    }

    /// That there is an IPv4 address about the host's name and nothing else (section 6.1).
    var nothingElse: MDNSRecord? {
        guard let host = hostName else { return nil }
        // The window of the types below 256, a byte of bits: type 1.
        return MDNSRecord(
            host, timeToLive: Self.shortTime, .other(MDNSMessage.nsec, host.encoded + [0, 1, 0x40]), isUnique: true)
    }

    // MARK: Time

    /// The address has changed, or is gone.
    public mutating func setAddress(_ address: InterfaceAddress?, now: Instant) -> [Outgoing] {
        guard address != self.address else { return [] }
        let farewell = isClaimed ? goodbye() : []
        self.address = address
        if address == nil {
            phase = .idle
            next = .never
            pending = []
        } else {
            probe(now + .milliseconds(random(250)))
        }
        return farewell
    }

    /// The link is back, and may be another one: the names are probed for and announced again (section 8).
    public mutating func linkReturned(now: Instant) {
        if address != nil { probe(now + .milliseconds(random(250))) }
    }

    /// Tells everybody that the names are free (section 10.1).
    public func goodbye() -> [Outgoing] {
        var message = MDNSMessage()
        message.isResponse = true
        message.answers = records.map {
            MDNSRecord($0.record.name, timeToLive: 0, $0.record.data, isUnique: $0.isUnique)
        }
        return message.answers.isEmpty ? [] : toEverybody(message)
    }

    mutating func probe(_ start: Instant) {
        phase = .probing(count: 1)
        next = start
        pending = []
        lastSent = Array(repeating: nil, count: records.count)
    }

    /// Does what is due at `now`.
    public mutating func advance(to now: Instant) -> [Outgoing] {
        var outgoing: [Outgoing] = []
        var due: [MDNSRecord] = []
        for one in pending where one.due <= now && !due.contains(one.record) { due.append(one.record) }
        outgoing += multicast(due, now)
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

    mutating func multicast(_ answers: [MDNSRecord], _ now: Instant) -> [Outgoing] {
        guard !answers.isEmpty else { return [] }
        pending.removeAll { answers.contains($0.record) }
        let own = records
        for (index, record) in own.enumerated() where index < lastSent.count && answers.contains(record) {
            lastSent[index] = now
        }
        var message = MDNSMessage()
        message.isResponse = true
        message.answers = answers
        message.additionals = additionals(for: answers)
        return toEverybody(message)
    }

    /// `message` in as many frames as it needs. What nobody has asked for makes room first.
    private func toEverybody(_ message: MDNSMessage) -> [Outgoing] {
        var message = message
        if message.encoded.count > MDNSMessage.maximumSize { message.additionals = [] }
        guard message.encoded.count > MDNSMessage.maximumSize, message.answers.count > 1 else {
            return [Outgoing(message: message, destination: MDNSMessage.group)]
        }
        var rest = message
        message.answers.removeLast(message.answers.count / 2)
        rest.answers.removeFirst(message.answers.count)
        return toEverybody(message) + toEverybody(rest)
    }

    /// What who has got `answers` will ask next (RFC 6763, section 12).
    func additionals(for answers: [MDNSRecord]) -> [MDNSRecord] {
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
}
