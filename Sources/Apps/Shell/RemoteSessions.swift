import Interfaces
import Network
import Runtime
import Sockets

/// Sessions over TCP, one at a time, for whoever connects: nothing is encrypted and nobody is asked who he is. Letting go of it ends them.
final class RemoteSessions {
    /// Where connections are accepted.
    let port: Port
    private let task: Task

    init(_ shell: Shell, _ host: IPHost, on port: Port) throws(SocketError) {
        let listener = try host.listen(on: port, backlog: 4)
        self.port = port
        do throws(TaskError) {
            task = try Task.spawn("remote shell") { () throws(TaskError) in
                while let connection = try? listener.accept() { RemoteSessions.serve(connection, shell) }
            }
        } catch { throw .full }
    }

    private static func serve(_ connection: TCPConnection, _ shell: Shell) {
        // A person who is gone without a farewell is noticed.
        connection.setKeepAlive(KeepAlive())
        connection.setNoDelay(true)
        let console = RemoteConsole(connection)
        let session = Session(shell, console, inputName: "remote input", isRemote: true) { () throws(TaskError) in
            try console.readByte()
        }
        session.showBanner()
        try? session.run()
        connection.finish()
        try? connection.flush(until: SystemTime.now + .seconds(2))
        connection.abort()
    }
}

/// A connection as a console.
private final class RemoteConsole: Console {
    private let connection: TCPConnection
    private var arrived: [UInt8] = []
    private var next = 0
    private(set) var statistics = ConsoleStatistics()

    /// How long the other end may take no bytes before what is shown is lost.
    private static let patience = Interval.seconds(10)

    init(_ connection: TCPConnection) { self.connection = connection }

    func write(_ bytes: RawSpan) {
        do throws(SocketError) {
            try connection.write(bytes, until: SystemTime.now + Self.patience)
            statistics.sent += UInt64(bytes.byteCount)
        } catch { connection.abort() }
    }

    func read(into buffer: inout MutableRawSpan) -> Int { 0 }

    /// Waits for the next byte.
    /// - Throws: `.closed` when the connection has ended.
    func readByte() throws(TaskError) -> UInt8 {
        if next == arrived.count {
            var bytes = [UInt8](repeating: 0, count: 256)
            let count = try read(&bytes)
            arrived = Array(bytes[..<count])
            next = 0
            statistics.received += UInt64(count)
        }
        defer { next += 1 }
        return arrived[next]
    }

    private func read(_ bytes: inout [UInt8]) throws(TaskError) -> Int {
        var span = bytes.mutableSpan
        // Every pattern of bits is a byte.
        var raw = unsafe span.mutableBytes
        do throws(SocketError) {
            let count = try connection.read(into: &raw)
            if count > 0 { return count }
        } catch {
            if error == .cancelled { throw .cancelled }
        }
        throw .closed
    }
}
