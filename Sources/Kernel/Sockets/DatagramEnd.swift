import Interfaces
import Network
import Runtime

/// What UDP and echo sockets have in common: a socket of the stack, and tasks that wait at it.
public class DatagramEnd {
    let host: IPHost
    let id: NetworkStack.SocketID
    private let readers = WaitQueue()
    /// Raised as well when a datagram has arrived, for a task that waits for several things.
    public var onReadable: Signal?

    init(_ host: IPHost, _ id: NetworkStack.SocketID) {
        self.host = host
        self.id = id
        host.stack.setOwner(unsafe UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()), of: id)
    }

    deinit { host.stack.close(id) }

    func send(
        _ front: RawSpan, _ back: RawSpan, to remote: Endpoint, at source: IPv4Address? = nil
    ) throws(SocketError) {
        do throws(StackError) {
            var sink = DeviceSink(host)
            try host.stack.send(
                front, back, from: id, at: source, to: remote, now: SystemTime.now, into: &sink)
        } catch {
            throw SocketError(error)
        }
        host.flush()
    }

    func receive(
        into destination: inout MutableRawSpan, until deadline: Instant
    ) throws(SocketError) -> (sender: Endpoint, length: Int) {
        while true {
            if let (sender, _, length) = try take(into: &destination) {
                // There was one event for all that have arrived: who waits beside is told of what is left.
                if !readers.isEmpty { readers.wakeFirst() }
                return (sender, length)
            }
            do throws(TaskError) { try readers.wait(until: deadline, for: "a datagram") } catch {
                throw SocketError(error)
            }
        }
    }

    /// Takes a datagram that has arrived, and copies as much of it as fits to the front of `destination`.
    /// - Returns: who sent it, to which address, and how long it was; nil when none is left. What ICMP said of the datagrams that were sent is
    ///   dropped: to those who look now and then it is as good as silence, and must not look like an empty queue.
    public func receiveNow(into destination: inout MutableRawSpan) -> NetworkStack.ReceivedDatagram? {
        do throws(SocketError) { return try take(into: &destination) } catch { return nil }
    }

    private func take(into destination: inout MutableRawSpan) throws(SocketError) -> NetworkStack.ReceivedDatagram? {
        do throws(StackError) { return try host.stack.receive(from: id, into: &destination) } catch {
            throw SocketError(error)
        }
    }

    func notify() {
        readers.wakeFirst()
        onReadable?.raise()
    }

    static func withOwner(_ owner: UInt, _ body: (DatagramEnd) -> Void) {
        guard let pointer = unsafe UnsafeRawPointer(bitPattern: owner) else { return }
        body(unsafe Unmanaged<DatagramEnd>.fromOpaque(pointer).takeUnretainedValue())
    }
}

/// A UDP socket. Letting go of it closes it.
public final class UDPSocket: DatagramEnd {
    /// The port it is bound to.
    public var port: Port { host.stack.port(of: id) }

    /// Sends `bytes` as one datagram to `remote`. Does not wait: what finds no room in the device is lost.
    /// - Throws: `.unreachable`, `.tooLong` above 65507 bytes, `.invalid`.
    /// - Parameter source: the address to send from, rather than the one the route gives.
    public func send(
        _ bytes: RawSpan, to remote: Endpoint, from source: IPv4Address? = nil
    ) throws(SocketError) {
        try send(bytes, RawSpan(), to: remote, at: source)
    }

    /// Waits for a datagram and copies as much of it as fits to the front of `destination`; the rest is lost.
    /// - Returns: who sent it, and how long it was.
    /// - Throws: `.timedOut` at `deadline`, `.cancelled`; of a socket with one remote end `.refused` and `.unreachable`, as ICMP says.
    public override func receive(
        into destination: inout MutableRawSpan, until deadline: Instant = .never
    ) throws(SocketError) -> (sender: Endpoint, length: Int) {
        try super.receive(into: &destination, until: deadline)
    }
}

/// A socket for ICMP echo: what `ping` uses. Letting go of it closes it.
public final class EchoSocket: DatagramEnd {
    /// Sends an echo request with `sequence` and `bytes` to `address`.
    /// - Throws: `.unreachable`, `.tooLong`.
    public func send(_ bytes: RawSpan, sequence: UInt16, to address: IPAddress) throws(SocketError) {
        try send(bytes, RawSpan(), to: Endpoint(address, Port(rawValue: sequence)))
    }

    /// Waits for an answer and copies as much of its bytes as fits to the front of `destination`.
    /// - Returns: who sent it, the sequence number, and how many bytes it had.
    /// - Throws: `.timedOut` at `deadline`, `.cancelled`, `.unreachable` when a router says so.
    public func receive(
        into destination: inout MutableRawSpan, until deadline: Instant = .never
    ) throws(SocketError) -> (sender: IPAddress, sequence: UInt16, length: Int) {
        let answer: (sender: Endpoint, length: Int) = try super.receive(into: &destination, until: deadline)
        return (answer.sender.address, answer.sender.port.rawValue, answer.length)
    }
}

extension IPHost {
    /// Opens a UDP socket.
    /// - Parameters:
    ///   - port: 0 for one that is free, at random.
    ///   - remote: the only end to talk with, or nil.
    ///   - interface: the only interface to use, or nil.
    /// - Throws: `.inUse`, `.full`.
    public func openUDP(
        on port: Port = .any, at address: IPv4Address = .unspecified, remote: Endpoint? = nil,
        on interface: InterfaceID? = nil
    ) throws(SocketError) -> UDPSocket {
        do throws(StackError) {
            return UDPSocket(self, try stack.openUDP(Endpoint(address, port), remote: remote, on: interface))
        } catch {
            throw SocketError(error)
        }
    }

    /// Opens a socket for ICMP echo.
    /// - Throws: `.full`.
    public func openEcho() throws(SocketError) -> EchoSocket {
        do throws(StackError) { return EchoSocket(self, try stack.openEcho()) } catch { throw SocketError(error) }
    }
}
