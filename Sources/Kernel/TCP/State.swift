/// The states of a connection (RFC 9293, section 3.3.2).
@frozen
public enum State: UInt8, Sendable {
    /// There is no connection, or no longer.
    case closed
    /// Waits for a SYN.
    case listen
    /// Has sent a SYN.
    case synSent
    /// Has received a SYN and sent one.
    case synReceived
    /// Data flows both ways.
    case established
    /// Closed from here; the FIN is not acknowledged yet.
    case finWait1
    /// Closed from here; the other end may still send.
    case finWait2
    /// Closed by the other end; may still send.
    case closeWait
    /// Both ends closed at once; waits for the acknowledgement of its FIN.
    case closing
    /// Both ends closed, the other first; waits for the acknowledgement of its FIN.
    case lastAck
    /// Both ends closed; waits until old segments have died out.
    case timeWait

    /// Both sequence spaces are known.
    var isSynchronized: Bool { rawValue >= State.established.rawValue }
    /// Data or a FIN may have to be sent, for the first time or again.
    var sends: Bool {
        switch self {
        case .established, .closeWait, .finWait1, .closing, .lastAck: true
        default: false
        }
    }
    /// The other end may still send data.
    var receives: Bool { self == .established || self == .finWait1 || self == .finWait2 }
}

/// Why a connection ended, or a call on it failed.
@frozen
public enum ConnectionError: Error, Sendable {
    /// The other end reset the connection. What was not read is lost.
    case reset
    /// The other end answered the SYN with a reset: nobody listens there.
    case refused
    /// The other end stopped answering. Try again later, or another address.
    case timedOut
    /// This end aborted the connection.
    case aborted
    /// This end has already closed its direction: nothing more can be written.
    case closing
    /// The connection is not open.
    case notConnected
}

/// What has changed for the application since it last asked.
@frozen
public struct ConnectionEvents: OptionSet, Sendable {
    /// One bit an event.
    public var rawValue: UInt8

    /// The events in `rawValue`.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The handshake is complete.
    public static var established: Self { Self(rawValue: 1) }
    /// There are octets to read, or the end of the stream.
    public static var readable: Self { Self(rawValue: 2) }
    /// There is room to write that was not there.
    public static var writable: Self { Self(rawValue: 4) }
    /// The connection is closed or in TIME-WAIT; `Connection.error` says whether by failure.
    public static var ended: Self { Self(rawValue: 8) }
    /// Everything written, and the FIN if there is one, has been acknowledged.
    public static var flushed: Self { Self(rawValue: 16) }
}
