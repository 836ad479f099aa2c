import Interfaces
import Network
import Runtime

/// A port on which connections are accepted. Letting go of it ends that, and resets those that wait.
public final class TCPListener {
    private let host: IPHost
    private let id: ListenerID
    private let acceptors = WaitQueue()

    init(_ host: IPHost, _ id: ListenerID) {
        self.host = host
        self.id = id
        host.stack.setOwner(unsafe UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()), of: id)
    }

    deinit {
        let id = id
        host.withStack { stack, now, sink in stack.close(id, now: now, into: &sink) }
    }

    /// Waits for the next connection.
    /// - Throws: `.timedOut` at `deadline`, `.cancelled`.
    public func accept(until deadline: Instant = .never) throws(SocketError) -> TCPConnection {
        while true {
            if let connection = host.stack.accept(from: id) { return TCPConnection(host, connection) }
            do throws(TaskError) { try acceptors.wait(until: deadline, for: "a connection to accept") } catch {
                throw SocketError(error)
            }
        }
    }

    func notify() { acceptors.wakeFirst() }

    static func withOwner(_ owner: UInt, _ body: (TCPListener) -> Void) {
        guard let pointer = unsafe UnsafeRawPointer(bitPattern: owner) else { return }
        body(unsafe Unmanaged<TCPListener>.fromOpaque(pointer).takeUnretainedValue())
    }
}

extension IPHost {
    /// Accepts connections on `port` at `address` (unspecified for every one of this host). `backlog` connections may wait to be accepted
    /// or be in their handshake; further ones are answered with SYN cookies.
    /// - Throws: `.inUse`.
    public func listen(
        on port: Port, at address: IPv4Address = .unspecified, backlog: Int = 128,
        configuration: TCPConfiguration? = nil
    ) throws(SocketError) -> TCPListener {
        do throws(StackError) {
            return TCPListener(
                self, try stack.listen(at: address, on: port, backlog: backlog, configuration: configuration))
        } catch {
            throw SocketError(error)
        }
    }
}
