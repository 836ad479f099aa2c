import Interfaces
import Network

/// Finds what the domain name system says about names by asking servers that ask others (a stub resolver, RFC 1034 section 5.3.1).
///
/// Told the time and what arrives, it answers with queries, `deadline` and results. Requests for the same are one query. Everything has a
/// bound: requests, queries, the cache, aliases, time.
///
///     start -> nextFinished -> take           the caller's part
///     request -cache or names-> lookup -queries to servers, UDP, or TCP where that is cut off-> answer -> request
public struct Resolver: Sendable {
    /// The most records of the cache that last: a day, and an hour for what is not there (RFC 2308 section 5 says one to three).
    static let maximumTime: (positive: UInt32, negative: UInt32) = (86400, 3600)
    /// The most queries of one lookup that wait for an answer at the same time.
    static let maximumAttempts = 4

    /// How many messages were no answer to a query: forged, late or malformed.
    public internal(set) var ignored: UInt64 = 0
    var configuration: ResolverConfiguration
    var cache: DNSCache
    var requests: [ResolverRequest] = []
    var lookups: [ResolverLookup] = []
    private let capacity: (requests: Int, lookups: Int)
    var nextNumber: UInt32 = 0
    /// Servers that repeat a question in other letters, and cannot be asked by TCP instead.
    var letterless: [Endpoint] = []

    /// A resolver for `requests` requests with `lookups` different questions at the same time, which keeps `cached` answers.
    public init(_ configuration: ResolverConfiguration, requests: Int = 32, lookups: Int = 8, cached: Int = 64) {
        precondition(requests > 0 && lookups > 0, "a resolver resolves one name at least")
        self.configuration = configuration
        capacity = (requests, lookups)
        cache = DNSCache(capacity: cached)
    }

    /// When `advance` is to be called next; `.never` when nothing is under way.
    public var deadline: Instant {
        var first = Instant.never
        for request in requests where request.result == nil { first = min(first, request.deadline) }
        for lookup in lookups { first = min(first, lookup.retry) }
        return first
    }

    /// How many answers are kept.
    public var cachedCount: Int { cache.count }

    // MARK: Requests

    /// Begins to resolve `name`: an address in numbers, a name, or with a dot at the end a name that is not looked for in other domains.
    /// - Parameter deadline: when to give up; nil for the usual time from now.
    /// - Returns: what to `take` the result with, which may be there already. The caller takes it or cancels.
    /// - Throws: `.malformedName` or `.busy`.
    public mutating func start(
        _ name: some StringProtocol, _ type: DNSType = .a, deadline: Instant? = nil, now: Instant,
        into transport: inout some DNSTransport & ~Copyable
    ) throws(ResolverError) -> RequestID {
        let target = try ResolverTarget(
            Array(name.utf8), address: IPv4Address(name), type, searchList: configuration.searchList)
        return try start(target, type, deadline, now, into: &transport)
    }

    /// Begins to find the names of `address` (RFC 1035 section 3.5).
    public mutating func start(
        reverse address: IPv4Address, deadline: Instant? = nil, now: Instant,
        into transport: inout some DNSTransport & ~Copyable
    ) throws(ResolverError) -> RequestID {
        try start(.names([DNSName(reverse: address)]), .ptr, deadline, now, into: &transport)
    }

    private mutating func start(
        _ target: ResolverTarget, _ type: DNSType, _ deadline: Instant?, _ now: Instant,
        into transport: inout some DNSTransport & ~Copyable
    ) throws(ResolverError) -> RequestID {
        guard requests.count < capacity.requests else { throw .busy }
        let id = RequestID(number: takeNumber())
        var request = ResolverRequest(
            id: id, type: type, deadline: deadline ?? now + configuration.timeout, names: [])
        switch target {
        case .known(let result): request.result = result
        case .names(let names): request.names = names
        }
        requests.append(request)
        if request.result == nil { proceed(requests.count - 1, now, into: &transport) }
        return id
    }

    /// A request that has a result and was not returned here before; nil when there is none. For waking who waits.
    public mutating func nextFinished() -> RequestID? {
        for index in requests.indices where requests[index].result != nil && !requests[index].isReported {
            requests[index].isReported = true
            return requests[index].id
        }
        return nil
    }

    /// The result of a request, which ends it; nil while there is none.
    public mutating func take(_ id: RequestID) -> Result<DNSAnswer, ResolverError>? {
        guard let index = requests.firstIndex(where: { $0.id == id }), let result = requests[index].result else {
            return nil
        }
        requests.remove(at: index)
        return result
    }

    /// Ends a request without a result. Its query goes on when others wait for it.
    public mutating func cancel(_ id: RequestID, into transport: inout some DNSTransport & ~Copyable) {
        requests.removeAll { $0.id == id }
        dropUnwanted(into: &transport)
    }

    // MARK: Inputs

    /// Asks other servers from now on, as on another network: what was known is forgotten, what is under way goes on with them.
    public mutating func configure(
        _ configuration: ResolverConfiguration, now: Instant, into transport: inout some DNSTransport & ~Copyable
    ) {
        self.configuration = configuration
        cache.removeAll()
        letterless = []
        for number in lookups.map({ $0.number }) {
            guard let index = lookups.firstIndex(where: { $0.number == number }) else { continue }
            closeAttempts(index, into: &transport)
            lookups[index].sent = 0
            lookups[index].failure = nil
            ask(index, now, into: &transport)
        }
    }

    /// Does what is due at `now`.
    public mutating func advance(to now: Instant, into transport: inout some DNSTransport & ~Copyable) {
        for index in requests.indices where requests[index].result == nil && requests[index].deadline <= now {
            requests[index].result = .failure(.timedOut)
            requests[index].lookup = nil
        }
        dropUnwanted(into: &transport)
        for number in lookups.map({ $0.number }) {
            guard let index = lookups.firstIndex(where: { $0.number == number }), lookups[index].retry <= now else {
                continue
            }
            ask(index, now, into: &transport)
        }
    }

    /// Reads a datagram of `server`, or a piece of a TCP connection with it, which arrived on `flow`.
    public mutating func receive(
        _ bytes: RawSpan, from server: Endpoint, on flow: DNSFlow, now: Instant,
        into transport: inout some DNSTransport & ~Copyable
    ) {
        guard let (lookup, attempt) = find(flow), lookups[lookup].attempts[attempt].server == server else {
            ignored &+= 1
            return
        }
        guard flow.isStream else { return receive(bytes, lookup, attempt, now, into: &transport) }
        if let message = lookups[lookup].attempts[attempt].stream.append(bytes) {
            unsafe receive(message.span.bytes, lookup, attempt, now, into: &transport)
        }
    }

    /// The flow is broken: nobody is at the server's port, or the connection was not made or was closed.
    public mutating func fail(_ flow: DNSFlow, now: Instant, into transport: inout some DNSTransport & ~Copyable) {
        guard let (lookup, attempt) = find(flow) else { return }
        drop(lookup, attempt, because: .timedOut, now, into: &transport)
    }

    mutating func takeNumber() -> UInt32 {
        nextNumber &+= 1
        return nextNumber
    }

    /// Whether one more question can be asked at the same time.
    var hasRoom: Bool { lookups.count < capacity.lookups }
}
