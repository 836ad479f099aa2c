/// The states of a connection (RFC 9293, section 3.3.2).
@frozen
public enum TCPState: UInt8, Sendable {
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
    var isSynchronized: Bool { rawValue >= TCPState.established.rawValue }
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
