import Interfaces
import IperfProtocol
import Network
import Runtime
import Sockets

/// A client of iperf3's protocol.
public struct IperfClient {
    /// What to do.
    public var parameters = IperfParameters()
    /// Whether what is sent is lent to the stack and not copied.
    public var lends = false
    private let host: IPHost
    private let server: Endpoint

    /// A client of `server`.
    public init(_ host: IPHost, _ server: Endpoint) {
        self.host = host
        self.server = server
    }

    /// Makes the test, and says what came of it. Can be cancelled, which the server is told.
    public func run() throws(IperfError) -> IperfReport {
        let cookie = IperfCookie { host.stack.randomNumber() }
        let control = ControlConnection(try connect(cookie))
        try control.expect(.exchangeParameters)
        try control.send(parameters.json)
        try control.expect(.createStreams)
        let run = IperfRun(host, parameters)
        for index in 0..<parameters.connectionCount {
            run.add(try connect(cookie), sends: parameters.isFromClient(index))
        }
        try control.expect(.start)
        try control.expect(.running)
        do throws(IperfError) {
            try measure(run)
        } catch {
            try? run.stop(drains: false)
            if error == .socket(.cancelled) { control.connection.abort() }
            throw error
        }
        try control.send(.end)
        try control.expect(.exchangeResults)
        try control.send(run.results.json)
        guard let peer = IperfResults(try control.receiveJSON()) else { throw .unexpected }
        try control.expect(.displayResults)
        try control.send(.done)
        var report = run.report
        report.peer = peer
        return report
    }

    private func connect(_ cookie: IperfCookie) throws(IperfError) -> TCPConnection {
        do throws(SocketError) {
            let deadline = SystemTime.now + ControlConnection.patience
            let connection = try host.connect(to: server, until: deadline)
            try unsafe connection.write(cookie.bytes.span.bytes, until: deadline)
            return connection
        } catch {
            throw .socket(error)
        }
    }

    /// Lets data flow until time or bytes are up, or every connection has ended.
    private func measure(_ run: IperfRun) throws(IperfError) {
        try run.begin(lends: lends)
        if parameters.omittedSeconds > 0 {
            try wait(run, until: SystemTime.now + .seconds(parameters.omittedSeconds))
            run.omit()
        }
        let isBounded = parameters.byteLimit != nil
        try wait(run, until: isBounded ? .never : SystemTime.now + .seconds(parameters.seconds))
        try run.stop(drains: false)
    }

    private func wait(_ run: IperfRun, until deadline: Instant) throws(IperfError) {
        while !run.isOver, !run.hasReceivedAll {
            // Receivers raise nothing for each byte: with a limit, they are looked at now and then.
            let next = parameters.byteLimit == nil ? deadline : SystemTime.now + .milliseconds(20)
            do throws(TaskError) { try run.finished.wait(until: min(next, deadline)) } catch {
                guard error == .timedOut else { throw .socket(.cancelled) }
                if SystemTime.now >= deadline { return }
            }
        }
    }
}
