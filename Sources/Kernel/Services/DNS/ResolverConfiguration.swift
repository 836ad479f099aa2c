import Interfaces
import Network

/// How a resolver works.
public struct ResolverConfiguration: Sendable {
    /// The servers, the preferred first; three at most are asked. Usually at port 53.
    public var servers: [Endpoint]
    /// The domains in which names of one label are looked for first, and others last; six at most count.
    public var searchList: [DNSName]
    /// How long a request takes at most whose caller names no deadline.
    public var timeout = Interval.seconds(5)
    /// How long to wait for the first server before the next one is asked; twice as long after each round.
    public var retry = Interval.seconds(1)
    /// How often each server is asked at most.
    public var rounds = 4
    /// Whether the letters of a question have a random case that the answer must repeat: a forger has more to guess. A server that does not
    /// repeat it is asked again by TCP.
    public var mixesCase = true

    /// The servers at port 53 of `servers`.
    public init(servers: [IPv4Address], searchList: [DNSName] = []) {
        self.servers = servers.map { Endpoint($0, 53) }
        self.searchList = searchList
    }

    /// Servers at any port.
    public init(endpoints: [Endpoint], searchList: [DNSName] = []) {
        servers = endpoints
        self.searchList = searchList
    }

    static let maximumServers = 3
    static let maximumDomains = 6
}
