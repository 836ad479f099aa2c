import DNS
import Interfaces
import Network
import Runtime
import Sockets

/// Finds the addresses of names for tasks, with the servers that an address configuration names.
///
/// It has no task of its own. Each task that asks drives the resolver while it waits, whosever question it is about; each query has a
/// socket with a port of its own and a task that waits at it, and both end with the query. Numbers, `localhost` and what is still
/// known from the last time are answered at once.
public final class NameService {
    let host: IPHost
    /// Between two waits nothing else runs: a call on the resolver is never interrupted by another.
    private var resolver: Resolver
    /// The queries that may be answered.
    private var flows: [QueryFlow] = []
    /// Tasks whose question is not answered.
    private let askers = WaitQueue()

    /// A service that asks over `host`. Without servers it knows only what needs none.
    public init(_ host: IPHost, _ configuration: ResolverConfiguration = ResolverConfiguration(servers: [])) {
        self.host = host
        servers = configuration.servers
        resolver = Resolver(configuration)
    }

    /// The servers, the preferred first.
    public private(set) var servers: [Endpoint]

    /// Messages that arrived and answered nothing that was asked: forged, late or malformed.
    public var ignoredCount: UInt64 { resolver.ignored }
    /// Answers that are kept.
    public var cachedCount: Int { resolver.cachedCount }

    /// Asks other servers from now on, as after a change of the network: what was known is forgotten, what is under way goes on with them.
    public func configure(_ configuration: ResolverConfiguration) {
        servers = configuration.servers
        drive { resolver, now, transport in resolver.configure(configuration, now: now, into: &transport) }
    }

    // MARK: Questions

    /// Waits for the addresses of `name`: of a host, with the domains of the search list tried for a name without a dot at its end, or an
    /// address in numbers, or `localhost`.
    /// - Parameter deadline: when to give up; nil for the resolver's usual time from now.
    /// - Returns: one at least, in the order of the server.
    /// - Throws: `.timedOut`, `.cancelled`, and what the servers say.
    public func resolve(
        _ name: some StringProtocol, until deadline: Instant? = nil
    ) throws(ResolveError) -> [IPAddress] {
        try ask(name, .a, until: deadline).addresses
    }

    /// Waits for what the servers say about `name` and `type`. As `resolve`.
    public func ask(
        _ name: some StringProtocol, _ type: DNSType, until deadline: Instant? = nil
    ) throws(ResolveError) -> DNSAnswer {
        let now = SystemTime.now
        var transport = SocketTransport(self)
        let id: RequestID
        do throws(ResolverError) {
            id = try resolver.start(name, type, deadline: deadline, now: now, into: &transport)
        } catch {
            throw ResolveError(error)
        }
        return try answer(to: id)
    }

    /// Waits for the names of `address`. As `resolve`.
    public func names(of address: IPv4Address, until deadline: Instant? = nil) throws(ResolveError) -> [DNSName] {
        let now = SystemTime.now
        var transport = SocketTransport(self)
        let id: RequestID
        do throws(ResolverError) {
            id = try resolver.start(reverse: address, deadline: deadline, now: now, into: &transport)
        } catch {
            throw ResolveError(error)
        }
        return try answer(to: id).records.compactMap { if case .ptr(let name) = $0 { name } else { nil } }
    }

    private func answer(to id: RequestID) throws(ResolveError) -> DNSAnswer {
        // What could not be sent at all is known only after the call that sent it.
        failBroken()
        while true {
            if let result = resolver.take(id) {
                do throws(ResolverError) { return try result.get() } catch { throw ResolveError(error) }
            }
            do throws(TaskError) { try askers.wait(until: resolver.deadline, for: "an answer about a name") } catch {
                guard error == .timedOut else {
                    var transport = SocketTransport(self)
                    resolver.cancel(id, into: &transport)
                    // Another one may have relied on this task to look at the time.
                    askers.wakeAll()
                    throw .cancelled
                }
                drive { resolver, now, transport in resolver.advance(to: now, into: &transport) }
            }
        }
    }

    // MARK: Queries

    /// Changes the resolver, and wakes those who have to look again: an answer has come, or another deadline.
    private func drive(_ body: (inout Resolver, Instant, inout SocketTransport) -> Void) {
        var transport = SocketTransport(self)
        body(&resolver, SystemTime.now, &transport)
        failBroken()
        askers.wakeAll()
    }

    /// Tells the resolver of queries that could not be sent.
    private func failBroken() {
        while let index = flows.firstIndex(where: { $0.isBroken }) {
            let flow = flows[index].flow
            var transport = SocketTransport(self)
            resolver.fail(flow, now: SystemTime.now, into: &transport)
            close(flow)
        }
    }

    func open(_ flow: DNSFlow, to server: Endpoint, _ message: [UInt8]) {
        let query = QueryFlow(flow, server, message)
        query.start(self)
        flows.append(query)
    }

    func close(_ flow: DNSFlow) {
        guard let index = flows.firstIndex(where: { $0.flow == flow }) else { return }
        flows.remove(at: index).end()
    }

    /// Something has arrived on `flow`.
    func take(_ bytes: RawSpan, on flow: QueryFlow) {
        var transport = SocketTransport(self)
        resolver.receive(bytes, from: flow.server, on: flow.flow, now: SystemTime.now, into: &transport)
        failBroken()
        askers.wakeAll()
    }

    /// `flow` is broken.
    func fail(_ flow: QueryFlow) {
        let flow = flow.flow
        drive { resolver, now, transport in resolver.fail(flow, now: now, into: &transport) }
        close(flow)
    }
}

/// Takes the resolver's queries to sockets.
struct SocketTransport: DNSTransport {
    // Lives on the stack of a call on the service, which keeps the service.
    private unowned(unsafe) let service: NameService

    init(_ service: NameService) { unsafe self.service = service }

    mutating func random() -> UInt64 { unsafe service.host.stack.randomNumber() }

    mutating func sendDNS(_ message: RawSpan, to server: Endpoint, on flow: DNSFlow) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(message.byteCount)
        for index in 0..<message.byteCount {
            // Bytes: every pattern of bits is a value.
            bytes.append(unsafe message.unsafeLoad(fromByteOffset: index, as: UInt8.self))
        }
        unsafe service.open(flow, to: server, bytes)
    }

    mutating func closeDNS(_ flow: DNSFlow) { unsafe service.close(flow) }
}
