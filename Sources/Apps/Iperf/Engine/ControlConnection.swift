import Interfaces
import IperfProtocol
import Network
import Runtime
import Sockets

/// The connection on which both ends of a test agree.
struct ControlConnection {
    let connection: TCPConnection

    /// How long the other end may take to say what it has to.
    static let patience = Interval.seconds(30)

    init(_ connection: TCPConnection) {
        self.connection = connection
        connection.setNoDelay(true)
        // A client that has vanished in the middle of a test is to be noticed.
        connection.setKeepAlive(KeepAlive(idle: .seconds(10), interval: .seconds(5), count: 4))
    }

    private static var soon: Instant { SystemTime.now + patience }

    func send(_ state: IperfState) throws(IperfError) { try send([state.rawValue]) }

    func send(_ json: JSON) throws(IperfError) { try send(IperfMessage.bytes(json)) }

    func send(_ bytes: [UInt8]) throws(IperfError) {
        do throws(SocketError) { try unsafe connection.write(bytes.span.bytes, until: Self.soon) } catch {
            throw .socket(error)
        }
    }

    /// Waits for what the other end says next.
    func receiveState(until deadline: Instant? = nil) throws(IperfError) -> IperfState {
        let byte = try receive(1, until: deadline)[0]
        guard let state = IperfState(rawValue: byte) else { throw .unexpected }
        switch state {
        case .accessDenied: throw .busy
        case .serverTerminates, .clientTerminates: throw .terminated
        case .serverError: throw .server(try receive(8).prefix(4).reduce(0) { $0 << 8 | UInt32($1) })
        default: return state
        }
    }

    /// Waits until the other end says `state`.
    func expect(_ state: IperfState) throws(IperfError) {
        guard try receiveState() == state else { throw .unexpected }
    }

    func receiveJSON() throws(IperfError) -> JSON {
        guard let length = IperfMessage.length(try receive(IperfMessage.prefixLength)),
            let json = JSON(parsing: try receive(length))
        else { throw .unexpected }
        return json
    }

    /// Waits for exactly `count` bytes.
    func receive(_ count: Int, until deadline: Instant? = nil) throws(IperfError) -> [UInt8] {
        do throws(SocketError) { return try connection.receive(count, until: deadline ?? Self.soon) } catch {
            throw .socket(error)
        }
    }
}

extension TCPConnection {
    /// Waits for exactly `count` bytes; the end of the stream before is `.closed`.
    func receive(_ count: Int, until deadline: Instant) throws(SocketError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let missing = count - bytes.count
            let taken = try read(until: deadline) { piece in
                let length = min(missing, piece.byteCount)
                // Bytes: every pattern of bits is a value.
                for index in 0..<length { bytes.append(unsafe piece.unsafeLoad(fromByteOffset: index, as: UInt8.self)) }
                return length
            }
            if taken == 0 { throw .closed }
        }
        return bytes
    }
}
