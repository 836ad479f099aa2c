import Interfaces
import Network
import Runtime
import Sockets

/// Sends the log to a collector (syslog, RFC 5424), from the oldest message in memory on.
///
/// Over UDP (RFC 5426) a message may be lost; each has a number that tells. Over TCP (RFC 6587, with a count before each message) what
/// a lost connection had not taken is sent again over the next one. What the memory of the log could not keep meanwhile is counted.
public final class RemoteLog {
    /// How messages travel.
    @frozen
    public enum Transport: Sendable { case udp, tcp }

    /// The port of collectors.
    public static var port: Port { 514 }

    private let host: IPHost
    private let collector: Endpoint
    private let transport: Transport
    private let hostName: Text
    private let work = Signal()
    private var position: UInt64 = 0
    private var number: UInt32 = 0
    /// Messages sent so far.
    public private(set) var sent: UInt64 = 0
    /// Bytes of the log that had to make room before they could be sent.
    public private(set) var lost: UInt64 = 0

    private static var stallTime: Interval { .seconds(10) }
    private static var longestPause: Interval { .seconds(60) }

    /// The longest message; what is longer is cut off. Fits a datagram that is not fragmented.
    static var maximumLength: Int { 1400 }

    /// A log that goes to `collector` in the name of `hostName`.
    public init(_ host: IPHost, to collector: Endpoint, by transport: Transport = .udp, hostName: Text) {
        self.host = host
        self.collector = collector
        self.transport = transport
        self.hostName = hostName
    }

    /// Sends what is logged until the task is cancelled.
    /// - Throws: `.cancelled`.
    public func run() throws(TaskError) {
        Log.addListener(work)
        defer { Log.removeListener(work) }
        var pause = Interval.seconds(1)
        while true {
            let before = sent
            do throws(SocketError) {
                switch transport {
                case .udp: try serveDatagrams()
                case .tcp: try serveConnection()
                }
            } catch {
                try Task.checkCancellation()
            }
            if sent > before { pause = .seconds(1) }
            try Task.sleep(for: pause)
            pause = min(Self.longestPause, .nanoseconds(pause.nanoseconds * 2))
        }
    }

    private func serveDatagrams() throws(SocketError) {
        let socket = try host.openUDP()
        while true {
            try forEachMessage { (message) throws(SocketError) in
                try socket.send(unsafe message.span.bytes, to: collector)
            }
            try waitForMore()
        }
    }

    private func serveConnection() throws(SocketError) {
        let connection = try host.connect(to: collector, until: SystemTime.now + Self.stallTime)
        // A collector says nothing, so only a sign of life tells that it is there.
        connection.setKeepAlive(KeepAlive())
        while true {
            try forEachMessage { (message) throws(SocketError) in
                let count: Text = "\(message.count) "
                try connection.write(
                    unsafe count.bytes.span.bytes, unsafe message.span.bytes,
                    until: SystemTime.now + Self.stallTime)
                try connection.flush(until: SystemTime.now + Self.stallTime)
            }
            try waitForMore()
            if connection.isAtEnd || connection.failure != nil { throw .closed }
        }
    }

    private func waitForMore() throws(SocketError) {
        do throws(TaskError) { try work.wait() } catch { throw .cancelled }
    }

    /// Calls `send` with each message that was not sent yet. Where it throws, its message comes again.
    private func forEachMessage(_ send: ([UInt8]) throws(SocketError) -> Void) throws(SocketError) {
        while position < Log.position {
            let end = Log.position
            let text = Log.text(from: position)
            let missing = end - position - UInt64(text.count)
            if missing > 0 {
                lost += missing
                position += missing
                let words: Text = "\(missing) bytes of the log were lost"
                let now = SystemTime.now.nanoseconds / 1000
                try pass(SyslogMessage(words.bytes, severity: 4, uptime: now), send)
            }
            var start = 0
            while let length = text[start...].firstIndex(of: 0x0A).map({ $0 - start }) {
                if let message = SyslogMessage(text[start..<start + length]) { try pass(message, send) }
                start += length + 1
                position += UInt64(length + 1)
            }
            // Messages are logged as whole lines.
            if start < text.count { position = end }
        }
    }

    private func pass(_ message: SyslogMessage, _ send: ([UInt8]) throws(SocketError) -> Void) throws(SocketError) {
        let next = number >= UInt32(Int32.max) ? 1 : number + 1
        let bytes = message.encoded(
            host: hostName, number: next, clock: WallClock.now, now: SystemTime.now.nanoseconds / 1000)
        try send(bytes.count > Self.maximumLength ? Array(bytes[..<Self.maximumLength]) : bytes)
        number = next
        sent += 1
    }
}
