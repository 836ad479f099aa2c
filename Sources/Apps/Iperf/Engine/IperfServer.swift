import Interfaces
import IperfProtocol
import Network
import Runtime
import Sockets

/// A server of iperf3's protocol: one test at a time, one after another.
public final class IperfServer {
    private let host: IPHost
    private let port: Port
    private let report: (Result<IperfReport, IperfError>) -> Void
    private var session: IperfSession?

    /// The port that iperf3 uses unless it is told another.
    public static let standardPort: Port = 5201

    /// A server on `port`; `report` is told what came of each test.
    public init(
        _ host: IPHost, port: Port = standardPort, _ report: @escaping (Result<IperfReport, IperfError>) -> Void
    ) {
        self.host = host
        self.port = port
        self.report = report
    }

    /// Serves until the task is cancelled; `ready` is called when clients can come. The test that runs then is given up.
    /// - Throws: `.inUse`, `.cancelled`.
    public func run(ready: () -> Void = {}) throws(SocketError) {
        let listener = try host.listen(on: port)
        ready()
        defer { session?.control.connection.abort() }
        while true {
            let connection = try listener.accept()
            do throws(TaskError) {
                try Task.spawn("iperf") { [self] () throws(TaskError) in greet(connection) }.detach()
            } catch {
                connection.abort()
            }
        }
    }

    /// Finds out what a new connection is for.
    private func greet(_ connection: TCPConnection) {
        let deadline = SystemTime.now + ControlConnection.patience
        guard let bytes = try? connection.receive(IperfCookie.length, until: deadline),
            let cookie = IperfCookie(bytes)
        else { return }
        if let session {
            guard session.cookie == cookie else {
                try? ControlConnection(connection).send(IperfState.accessDenied)
                return
            }
            try? session.arrivals.send(connection, until: deadline)
            return
        }
        let session = IperfSession(host, cookie, ControlConnection(connection))
        self.session = session
        do throws(IperfError) { report(.success(try session.run())) } catch { report(.failure(error)) }
        self.session = nil
    }
}

/// One test at the server.
final class IperfSession {
    let cookie: IperfCookie
    let control: ControlConnection
    /// Connections that begin with the test's cookie.
    let arrivals = Channel<TCPConnection>(capacity: 8)
    private let host: IPHost

    init(_ host: IPHost, _ cookie: IperfCookie, _ control: ControlConnection) {
        self.host = host
        self.cookie = cookie
        self.control = control
    }

    func run() throws(IperfError) -> IperfReport {
        try control.send(.exchangeParameters)
        let run = IperfRun(host, try receiveParameters())
        try control.send(.createStreams)
        try collect(run)
        try control.send(.start)
        try control.send(.running)
        try run.begin()
        do throws(IperfError) { try awaitEnd(run) } catch {
            try? run.stop(drains: false)
            throw error
        }
        try run.stop(drains: true)
        run.finishSenders()
        try control.send(.exchangeResults)
        guard let peer = IperfResults(try control.receiveJSON()) else { throw .unexpected }
        try control.send(run.results.json)
        try control.send(.displayResults)
        // A client that goes without a word has its results as well.
        _ = try? control.receiveState()
        var report = run.report
        report.peer = peer
        return report
    }

    private func receiveParameters() throws(IperfError) -> IperfParameters {
        let json = try control.receiveJSON()
        do throws(IperfRefusal) { return try IperfParameters(json) } catch {
            let code = error.code
            try control.send(
                [IperfState.serverError.rawValue] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: code >> $0) }
                    + [0, 0, 0, 0])
            throw .refused(error)
        }
    }

    /// Waits for the connections that carry data.
    private func collect(_ run: IperfRun) throws(IperfError) {
        let deadline = SystemTime.now + ControlConnection.patience
        for index in 0..<run.parameters.connectionCount {
            do throws(TaskError) {
                run.add(try arrivals.receive(until: deadline), sends: !run.parameters.isFromClient(index))
            } catch {
                throw .socket(error == .timedOut ? .timedOut : .cancelled)
            }
        }
    }

    /// Waits until the client says that the test is over.
    private func awaitEnd(_ run: IperfRun) throws(IperfError) {
        if run.parameters.omittedSeconds > 0 {
            do throws(IperfError) {
                let end = SystemTime.now + .seconds(run.parameters.omittedSeconds)
                guard try control.receiveState(until: end) == .end else { throw .unexpected }
                return
            } catch {
                guard error == .socket(.timedOut) else { throw error }
                run.omit()
            }
        }
        guard try control.receiveState(until: .never) == .end else { throw .unexpected }
    }
}
