/// The two wires over which a PHY's registers are reached (IEEE 802.3 clause 22). Usually a part of the MAC.
///
/// A call takes tens of microseconds and waits on a clock; it is bounded, and running into the bound throws `.timeout`.
public protocol MDIOBus {
    /// The content of register `register` (0 to 31) of the PHY at `address` (0 to 31).
    ///
    /// Throws `.absent` when nobody drove the wire (the MAC reports a failed read), `.timeout` when the bus does not finish.
    func read(_ register: UInt8, of address: UInt8) throws(DeviceError) -> UInt16

    /// Writes `value` to register `register` of the PHY at `address`. A PHY that is not there is not noticed.
    func write(_ value: UInt16, to register: UInt8, of address: UInt8) throws(DeviceError)
}

/// What drives the cable: negotiates with the partner, and says what came of it.
///
/// The MAC's driver owns the value and calls it from one task.
public protocol EthernetPHY {
    /// Finds the PHY, resets and configures it, and lets it negotiate. Returns before that is done: it takes seconds.
    ///
    /// Throws `.absent` when no PHY answers, `.timeout` when it does not come out of its reset.
    mutating func start() throws(DeviceError)

    /// The present state of the link. Cheap while nothing changes. A link that was lost since the last call, even for a
    /// moment, is reported as `.down` once, since the new one may be of another mode.
    mutating func pollLink() throws(DeviceError) -> LinkState

    /// How the link's mode comes about from now on; the link is made anew. By default it is negotiated. May be called before `start`.
    ///
    /// Throws `.unsupported` for a mode that only a negotiation can bring about: 1000 Mb/s.
    mutating func setPreference(_ preference: LinkPreference) throws(DeviceError)

    /// Powers the transceiver down; `start` wakes it.
    mutating func stop() throws(DeviceError)
}
