/// What one end tells the other on the control connection, a byte each: the states of iperf3's test.
///
///     client connects and sends its cookie
///     server: exchangeParameters  client: parameters
///     server: createStreams       client: a connection for each stream, with the cookie
///     server: start, running      data flows
///     client: end                 server: exchangeResults; client: results; server: results
///     server: displayResults      client: done
public enum IperfState: UInt8, Sendable {
    case start = 1
    case running = 2
    case end = 4
    case exchangeParameters = 9
    case createStreams = 10
    case serverTerminates = 11
    case clientTerminates = 12
    case exchangeResults = 13
    case displayResults = 14
    case done = 16
    /// The server runs another test. (-1 in its own notation.)
    case accessDenied = 255
    /// The server has failed; two numbers of four bytes follow that say how. (-2.)
    case serverError = 254
}
