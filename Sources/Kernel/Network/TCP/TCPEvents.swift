/// What has changed for the application since it last asked.
@frozen
public struct TCPEvents: OptionSet, Sendable {
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
    /// The connection is closed or in TIME-WAIT; `TransmissionControlBlock.error` says whether by failure.
    public static var ended: Self { Self(rawValue: 8) }
    /// Everything written, and the FIN if there is one, has been acknowledged.
    public static var flushed: Self { Self(rawValue: 16) }
}
