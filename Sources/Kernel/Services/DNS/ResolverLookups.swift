import Interfaces
import Network

// How Resolver gets from a request to an answer.
extension Resolver {
    /// Goes on with the next name of a request.
    mutating func proceed(_ index: Int, _ now: Instant, into transport: inout some DNSTransport & ~Copyable) {
        requests[index].lookup = nil
        while !requests[index].names.isEmpty {
            let question = DNSQuestion(requests[index].names.removeFirst(), requests[index].type)
            if let known = cache.result(question, now: now) {
                if settle(index, known) { return }
                continue
            }
            if let lookup = lookups.first(where: { $0.question == question }) {
                requests[index].lookup = lookup.number
                return
            }
            guard !configuration.servers.isEmpty else { return finish(index, .failure(.noServers)) }
            guard hasRoom else { return finish(index, .failure(.busy)) }
            let number = takeNumber()
            requests[index].lookup = number
            lookups.append(ResolverLookup(number: number, question: question, name: question.name))
            return ask(lookups.count - 1, now, into: &transport)
        }
        finish(index, .failure(requests[index].sawName ? .noData : .noSuchName))
    }

    /// Takes what is known about one name of a request.
    /// - Returns: false when the next name is to be tried.
    private mutating func settle(_ index: Int, _ result: Result<DNSAnswer, ResolverError>) -> Bool {
        switch result {
        case .failure(.noSuchName): return false
        case .failure(.noData):
            requests[index].sawName = true
            return false
        default:
            finish(index, result)
            return true
        }
    }

    private mutating func finish(_ index: Int, _ result: Result<DNSAnswer, ResolverError>) {
        requests[index].result = result
        requests[index].lookup = nil
    }

    /// Sends the next query of a lookup, or ends it when there were enough.
    mutating func ask(_ index: Int, _ now: Instant, into transport: inout some DNSTransport & ~Copyable) {
        let servers = min(configuration.servers.count, ResolverConfiguration.maximumServers)
        let sent = lookups[index].sent
        guard servers > 0 else { return complete(index, .failure(.noServers), until: now, now, into: &transport) }
        guard sent < servers * configuration.rounds else {
            return complete(index, .failure(lookups[index].failure ?? .timedOut), until: now, now, into: &transport)
        }
        // What was asked by TCP for its letters has had its time.
        for attempt in lookups[index].attempts where attempt.isForLetters { noteLetterless(attempt.server) }
        lookups[index].sent += 1
        let pause = configuration.retry.nanoseconds << UInt64(min(sent / servers, 10))
        lookups[index].retry = now + .nanoseconds(pause)
        send(index, to: configuration.servers[sent % servers], isStream: false, into: &transport)
    }

    /// From now on `server` is asked without a secret in the letters: identifier and port are left.
    private mutating func noteLetterless(_ server: Endpoint) {
        guard !letterless.contains(server) else { return }
        if letterless.count == ResolverConfiguration.maximumServers { letterless.removeFirst() }
        letterless.append(server)
    }

    /// Sends a query on a flow of its own, with an identifier and a case of its letters that nobody can guess.
    private mutating func send(
        _ index: Int, to server: Endpoint, isStream: Bool, isForLetters: Bool = false,
        into transport: inout some DNSTransport & ~Copyable
    ) {
        if lookups[index].attempts.count >= Self.maximumAttempts {
            transport.closeDNS(lookups[index].attempts.removeFirst().flow)
        }
        var question = DNSQuestion(lookups[index].name, lookups[index].question.type)
        if configuration.mixesCase, !isStream, !letterless.contains(server) {
            question.name = question.name.mixed((transport.random(), transport.random()))
        }
        let identifier = UInt16(truncatingIfNeeded: transport.random())
        let flow = DNSFlow(number: takeNumber(), isStream: isStream)
        lookups[index].attempts.append(
            ResolverAttempt(
                flow: flow, identifier: identifier, server: server, question: question, isForLetters: isForLetters))
        let message = DNSMessage(identifier, question).encoded
        let bytes = isStream ? DNSStream.frame(message) : message
        unsafe transport.sendDNS(bytes.span.bytes, to: server, on: flow)
    }

    /// The lookup and its query that `flow` belongs to.
    func find(_ flow: DNSFlow) -> (lookup: Int, attempt: Int)? {
        for index in lookups.indices {
            if let attempt = lookups[index].attempts.firstIndex(where: { $0.flow == flow }) { return (index, attempt) }
        }
        return nil
    }

    /// Reads a message that arrived where an answer to a query was expected.
    mutating func receive(
        _ bytes: RawSpan, _ index: Int, _ attempt: Int, _ now: Instant,
        into transport: inout some DNSTransport & ~Copyable
    ) {
        let query = lookups[index].attempts[attempt]
        guard let message = try? DNSMessage(parsing: bytes) else {
            ignored &+= 1
            return
        }
        let match = query.match(message)
        guard match != .no else {
            ignored &+= 1
            return
        }
        let isForLetters = match == .otherCase && !letterless.contains(query.server)
        if !query.flow.isStream, message.isTruncated || isForLetters {
            lookups[index].attempts.remove(at: attempt)
            transport.closeDNS(query.flow)
            lookups[index].retry = now + configuration.retry
            if message.isTruncated { lookups[index].retry = lookups[index].retry + configuration.retry }
            return send(
                index, to: query.server, isStream: true, isForLetters: !message.isTruncated, into: &transport)
        }
        switch message.responseCode {
        case .noError, .nameError:
            if !take(message, index, now, into: &transport) { ignored &+= 1 }
        case .refused: drop(index, attempt, because: .refused, now, into: &transport)
        default: drop(index, attempt, because: .serverFailure, now, into: &transport)
        }
    }

    /// Takes an answer to the query for the name that is asked for now.
    /// - Returns: false when what could be read of it says nothing.
    private mutating func take(
        _ message: DNSMessage, _ index: Int, _ now: Instant, into transport: inout some DNSTransport & ~Copyable
    ) -> Bool {
        let lookup = lookups[index]
        let meaning = Interpretation(message, DNSQuestion(lookup.name, lookup.question.type))
        if message.isDamaged {
            guard case .answer = meaning else { return false }
        }
        switch meaning {
        case .answer(let name, let records, let seconds):
            let time = min(seconds, lookup.seconds, Self.maximumTime.positive)
            let answer = DNSAnswer(name: name, records: records, expiry: now + .seconds(UInt64(time)))
            complete(index, .success(answer), until: answer.expiry, now, into: &transport)
        case .nothing(let error, let seconds):
            let time = min(seconds ?? 0, lookup.seconds, Self.maximumTime.negative)
            complete(index, .failure(error), until: now + .seconds(UInt64(time)), now, into: &transport)
        case .alias(let name, let hops):
            guard lookup.hops + hops <= Interpretation.maximumHops else {
                complete(index, .failure(.serverFailure), until: now, now, into: &transport)
                return true
            }
            closeAttempts(index, into: &transport)
            lookups[index].name = name
            lookups[index].hops += hops
            lookups[index].seconds = min(lookup.seconds, Self.aliasTime(message))
            lookups[index].sent = 0
            ask(index, now, into: &transport)
        }
        return true
    }

    /// The least time for which an alias of `message` is to be believed.
    private static func aliasTime(_ message: DNSMessage) -> UInt32 {
        message.answers.reduce(.max) { $1.data.type == .cname ? min($0, $1.timeToLive) : $0 }
    }

    /// A query will have no answer: asks the next server at once, or ends the lookup when every one was asked.
    mutating func drop(
        _ index: Int, _ attempt: Int, because error: ResolverError, _ now: Instant,
        into transport: inout some DNSTransport & ~Copyable
    ) {
        let attempt = lookups[index].attempts.remove(at: attempt)
        transport.closeDNS(attempt.flow)
        if attempt.isForLetters, error == .timedOut, !letterless.contains(attempt.server) {
            noteLetterless(attempt.server)
            return send(index, to: attempt.server, isStream: false, into: &transport)
        }
        if error != .timedOut || lookups[index].failure == nil { lookups[index].failure = error }
        let servers = min(configuration.servers.count, ResolverConfiguration.maximumServers)
        if lookups[index].sent < servers {
            ask(index, now, into: &transport)
        } else if lookups[index].attempts.isEmpty, error != .timedOut {
            complete(index, .failure(error), until: now, now, into: &transport)
        }
    }

    /// Ends a lookup: what was found out is kept until `expiry` and given to everybody who waits.
    private mutating func complete(
        _ index: Int, _ result: Result<DNSAnswer, ResolverError>, until expiry: Instant, _ now: Instant,
        into transport: inout some DNSTransport & ~Copyable
    ) {
        closeAttempts(index, into: &transport)
        let lookup = lookups.remove(at: index)
        cache.insert(lookup.question, result, until: expiry, now: now)
        for request in requests.indices where requests[request].lookup == lookup.number {
            if !settle(request, result) { proceed(request, now, into: &transport) }
        }
    }

    /// Ends the lookups that no request waits for.
    mutating func dropUnwanted(into transport: inout some DNSTransport & ~Copyable) {
        for index in lookups.indices.reversed() {
            let number = lookups[index].number
            guard !requests.contains(where: { $0.lookup == number }) else { continue }
            closeAttempts(index, into: &transport)
            lookups.remove(at: index)
        }
    }

    mutating func closeAttempts(_ index: Int, into transport: inout some DNSTransport & ~Copyable) {
        for attempt in lookups[index].attempts { transport.closeDNS(attempt.flow) }
        lookups[index].attempts = []
    }
}
