import HTTP
import Interfaces
import Network
import Runtime
import Sockets

/// A server for HTTP/1.1 (RFC 9110 and 9112).
///
/// Connections wait without a task; a request gets one of a few workers, whose number grows with those that are busy at a time. A handler
/// runs in direct style on a worker's stack: it may wait, for a card or for a slow reader, and others go on.
///
/// All of it runs on one core between two waits, and so needs no locks.
public final class HTTPServer {
    /// What it has done.
    public internal(set) var statistics = ServerStatistics()
    /// What it puts up with.
    public let limits: HTTPLimits
    /// Says the time of day, in seconds since 1970; nil while nobody knows it. A server without a clock sends no Date.
    public var clock: () -> UInt64? = { nil }

    let host: IPHost
    private let port: Port
    var routes = RouteTable()
    private var connections: [ServedConnection] = []
    private var firstReady: ServedConnection?
    private var lastReady: ServedConnection?
    /// Workers without work.
    private let idleWorkers = WaitQueue()
    private var idleWorkerCount = 0
    private var workers: [Worker] = []
    /// Raised when there is room for a connection again.
    private let room = Signal()
    /// Raised when a connection's time is over earlier than `nextSweep`.
    private let sooner = Signal()
    /// When the sweeper looks again.
    private var nextSweep = Instant.never
    private var date = DateText()

    /// A server on `port` of every address of `host`. Handlers are added before `run`.
    public init(_ host: IPHost, port: Port = 80, limits: HTTPLimits = HTTPLimits()) {
        self.host = host
        self.port = port
        self.limits = limits
    }

    /// Connections that are open.
    public var connectionCount: Int { connections.count }

    // MARK: Accepting

    /// Serves until the task is cancelled; then every connection ends.
    /// - Throws: `.inUse`, `.full`, `.cancelled`.
    public func run() throws(SocketError) {
        // Requests are small: a connection begins with small buffers, which grow where they are full. A whole head has to find room.
        var configuration = host.stack.configuration.tcp
        configuration.receiveCapacity = max(16 << 10, 2 * limits.head)
        configuration.sendCapacity = 16 << 10
        configuration.usesNagle = false
        let listener = try host.listen(on: port, backlog: 512, configuration: configuration)
        let sweeper: Task
        do throws(TaskError) {
            sweeper = try Task.spawn("http sweeper", stackSize: 32 << 10) { [self] () throws(TaskError) in try sweep() }
        } catch { throw .full }
        defer { stop() }
        do throws(SocketError) { try accept(from: listener) } catch {
            sweeper.cancel()
            throw error
        }
    }

    private func stop() {
        for served in connections { served.connection.abort() }
        while let worker = workers.popLast() { worker.end() }
        while let served = connections.last { drop(served) }
        firstReady = nil
        lastReady = nil
    }

    private func accept(from listener: TCPListener) throws(SocketError) -> Never {
        while true {
            let connection = try listener.accept()
            while connections.count >= limits.connections, !evict() {
                do throws(TaskError) { try room.wait() } catch { throw .cancelled }
            }
            statistics.connections += 1
            let served = ServedConnection(connection, of: self)
            served.place = connections.count
            connections.append(served)
            wait(served, .idle, until: SystemTime.now + limits.headTime)
            connection.watcher = served
            if connection.readableCount > 0 || connection.isAtEnd { makeReady(served) }
        }
    }

    /// Ends the connection that has been idle longest. False when none is.
    private func evict() -> Bool {
        var oldest: ServedConnection?
        for connection in connections where connection.state == .idle && !connection.isReady {
            if oldest.map({ connection.deadline < $0.deadline }) ?? true { oldest = connection }
        }
        guard let oldest else { return false }
        statistics.evicted += 1
        drop(oldest)
        return true
    }

    /// Ends those whose time is over. Sleeps until the first one's is, and then for a second at least, so that there is one look for many.
    private func sweep() throws(TaskError) {
        while true {
            do throws(TaskError) { try sooner.wait(until: nextSweep) } catch {
                if error != .timedOut { throw error }
            }
            let now = SystemTime.now
            if now < nextSweep { continue }
            nextSweep = .never
            for connection in connections where connection.state != .working {
                if connection.deadline <= now { makeReady(connection) } else { sweep(at: connection.deadline) }
            }
        }
    }

    /// Sees to it that the sweeper looks soon after `deadline`.
    private func sweep(at deadline: Instant) {
        let time = deadline + .seconds(1)
        guard time < nextSweep else { return }
        nextSweep = time
        sooner.raise()
    }

    /// Forgets a connection, and closes it.
    func drop(_ served: ServedConnection) {
        guard served.place < connections.count, connections[served.place] === served else { return }
        served.connection.watcher = nil
        let last = connections.removeLast()
        if last !== served {
            connections[served.place] = last
            last.place = served.place
        }
        if connections.count == limits.connections - 1 { room.raise() }
    }

    // MARK: Workers

    /// Queues a connection for a worker.
    func makeReady(_ served: ServedConnection) {
        if served.isReady { return }
        served.isReady = true
        if let last = lastReady { last.nextReady = served } else { firstReady = served }
        lastReady = served
        if idleWorkers.wakeFirst() {
            idleWorkerCount -= 1
        } else if workers.count < limits.workers {
            startWorker()
        }
    }

    private func startWorker() {
        let worker = Worker()
        do throws(TaskError) {
            // The largest stack that takes one slot of addresses, with its guard.
            worker.task = try Task.spawn("http", stackSize: 48 << 10) { [self] () throws(TaskError) in
                defer { forget(worker) }
                try work()
            }
            workers.append(worker)
        } catch {
            Logger(label: "http").warning("no memory for another worker")
        }
    }

    /// A worker that ends by itself belongs to nobody any more.
    private func forget(_ worker: Worker) {
        guard let place = workers.firstIndex(where: { $0 === worker }) else { return }
        workers.remove(at: place)
        worker.task.take()?.detach()
    }

    /// Serves whoever is ready. Ends when there has been nothing to do for a while and others are left.
    private func work() throws(TaskError) {
        let exchange = HTTPExchange(self)
        while true {
            while let served = takeReady() {
                serve(served, exchange)
                exchange.end()
                try Task.checkCancellation()
            }
            idleWorkerCount += 1
            do throws(TaskError) { try idleWorkers.wait(until: SystemTime.now + .seconds(10), for: "a request") } catch
            {
                idleWorkerCount -= 1
                if error == .timedOut, idleWorkerCount == 0 { continue }
                return
            }
        }
    }

    private func takeReady() -> ServedConnection? {
        guard let first = firstReady else { return nil }
        firstReady = first.nextReady
        if firstReady == nil { lastReady = nil }
        first.nextReady = nil
        first.isReady = false
        return first
    }

    /// Answers what has arrived, and puts the connection back to wait.
    private func serve(_ served: ServedConnection, _ exchange: HTTPExchange) {
        if served.state == .lingering { return linger(served) }
        let isLate = served.deadline <= SystemTime.now
        let isNew = served.scanned == 0
        served.state = .working
        switch exchange.begin(served) {
        case .request:
            guard answer(exchange) else { return finish(served) }
            served.scanned = 0
            // Another request may be there; those who wait go first.
            wait(served, .idle, until: SystemTime.now + limits.idleTime)
            if served.connection.readableCount > 0 || served.connection.isAtEnd { makeReady(served) }
        case .incomplete where isLate:
            statistics.timeouts += 1
            // Who has sent something is told, who has not just ends.
            if served.scanned > 0 { exchange.refuse(.requestTimeout, "the request took too long") }
            finish(served)
        case .incomplete:
            if isNew, served.scanned > 0 { served.deadline = SystemTime.now + limits.headTime }
            wait(served, served.scanned > 0 ? .head : .idle, until: served.deadline)
        case .refused(let error):
            exchange.refuse(error.status, error.explanation)
            finish(served)
        case .ended:
            drop(served)
        }
    }

    private func wait(_ served: ServedConnection, _ state: ServedConnection.State, until deadline: Instant) {
        served.deadline = deadline
        served.state = state
        sweep(at: deadline)
    }

    /// Calls the handler. Returns whether the connection can carry another request.
    private func answer(_ exchange: HTTPExchange) -> Bool {
        statistics.requests += 1
        do throws(HTTPError) {
            try routes.handle(exchange)
            try exchange.complete()
            return exchange.keepsAlive
        } catch {
            switch error {
            case .connection(let error):
                if error == .timedOut { statistics.timeouts += 1 }
                // One that has ended in order is not reset: what was sent last would be lost.
                if error != .closed { exchange.connection.abort() }
            case .syntax(let error): exchange.refuse(error.status, error.explanation)
            case .status(let status):
                // A handler that gives up before it has begun leaves the connection as it was.
                if !exchange.hasBegun, (try? exchange.respond(status)) != nil, (try? exchange.complete()) != nil {
                    return exchange.keepsAlive
                }
                exchange.refuse(status, status.reason)
            }
            return false
        }
    }

    /// Ends this side, and waits for the other to end as well: closing with bytes unread would make TCP reset the connection, and the
    /// client lose the answer (RFC 9112, section 9.6).
    private func finish(_ served: ServedConnection) {
        served.connection.finish()
        wait(served, .lingering, until: SystemTime.now + limits.lingerTime)
        linger(served)
    }

    private func linger(_ served: ServedConnection) {
        let connection = served.connection
        let count = connection.readableCount
        if count > 0 { connection.discard(count) }
        if connection.isAtEnd || connection.failure != nil || served.deadline <= SystemTime.now { drop(served) }
    }

    // MARK: The date

    /// Appends the Date field, where the time is known.
    func appendDate(to head: inout HeadText) {
        guard let now = clock() else { return }
        date.append(now, to: &head)
    }
}

/// A task of the server.
private final class Worker {
    var task: Task?

    /// Cancels it and waits for its end.
    func end() {
        guard let task = task.take() else { return }
        task.cancel()
        try? task.join()
    }
}

/// The Date field, put together once a second.
private struct DateText {
    private var second: UInt64 = 0
    private var text: [UInt8] = []

    mutating func append(_ now: UInt64, to head: inout HeadText) {
        if now != second || text.isEmpty {
            second = now
            text.removeAll(keepingCapacity: true)
            text.append("Date: ")
            HTTPDate.append(CivilTime(secondsSince1970: now), to: &text)
            text.append("\r\n")
        }
        head.append(text)
    }
}
