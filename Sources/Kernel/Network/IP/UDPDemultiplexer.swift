/// Who gets which UDP datagram (RFC 768, RFC 1122 section 4.1.3.5).
///
/// A socket is bound to a port, at one local address or any, on one interface or all, and may be connected to one remote end. Of several
/// that match, the most specific gets the datagram. Complexity: O(n) in the number of sockets.
public struct UDPDemultiplexer: Sendable {
    /// Tells the sockets apart; the number is its owner's to choose.
    @frozen
    public struct SocketID: RawRepresentable, Hashable, Sendable {
        /// The number.
        public var rawValue: UInt32

        /// The socket of that number.
        @inlinable
        public init(rawValue: UInt32) { self.rawValue = rawValue }
    }

    /// Why a socket was not bound.
    @frozen
    public enum BindError: Error, Equatable, Sendable {
        /// Another socket has the same port at the same address, with the same remote end, and not on another interface.
        case inUse
        /// No more sockets, or no more dynamic ports.
        case full
    }

    private struct Binding {
        var socket: SocketID
        var local: Endpoint
        var remote: Endpoint?
        var interface: InterfaceID?

        /// Whether datagrams exist that both this socket and one on `other` could get.
        func sharesInterface(with other: InterfaceID?) -> Bool {
            interface == nil || other == nil || interface == other
        }
    }

    private var bindings: [Binding] = []
    private let capacity: Int

    /// Room for `capacity` sockets.
    public init(capacity: Int = 64) {
        self.capacity = capacity
        bindings.reserveCapacity(capacity)
    }

    /// Binds `socket` to `local`. Port 0 stands for a dynamic one that is free, chosen by `random` (RFC 6056 section 3.3.1).
    /// - Returns: the port.
    public mutating func bind(
        _ socket: SocketID, to local: Endpoint, remote: Endpoint? = nil, on interface: InterfaceID? = nil,
        random: UInt32
    ) throws(BindError) -> Port {
        guard bindings.count < capacity else { throw .full }
        var local = local
        if local.port == .any {
            guard let port = freePort(random) else { throw .full }
            local.port = port
        } else {
            for binding in bindings
            where binding.local == local && binding.remote == remote && binding.sharesInterface(with: interface) {
                throw .inUse
            }
        }
        bindings.append(Binding(socket: socket, local: local, remote: remote, interface: interface))
        return local.port
    }

    /// Forgets every binding of `socket`.
    public mutating func unbind(_ socket: SocketID) { bindings.removeAll { $0.socket == socket } }

    /// The socket for a datagram from `remote` to `local` that came on `interface`; nil when nobody listens.
    public func socket(from remote: Endpoint, to local: Endpoint, on interface: InterfaceID? = nil) -> SocketID? {
        var (found, best): (SocketID?, Int) = (nil, 0)
        for index in bindings.indices where bindings[index].local.port == local.port {
            let binding = bindings[index]
            guard binding.local.address.isUnspecified || binding.local.address == local.address else { continue }
            guard binding.remote == nil || binding.remote == remote else { continue }
            guard binding.sharesInterface(with: interface) else { continue }
            let score = 1 + (binding.local.address.isUnspecified ? 0 : 1) + (binding.remote == nil ? 0 : 2)
            if score > best { (found, best) = (binding.socket, score) }
        }
        return found
    }

    private func freePort(_ random: UInt32) -> Port? {
        let count: UInt32 = 65536 - 49152
        for step in 0..<UInt32(capacity) + 1 {
            let port = Port(rawValue: UInt16(49152 + (random % count + step) % count))
            var isTaken = false
            for index in bindings.indices where bindings[index].local.port == port { isTaken = true }
            if !isTaken { return port }
        }
        return nil
    }
}
