/// A buffer of a hub that translates, which may hold half of a transaction that nobody goes on with. The hub has few, and waits for ever.
/// USB 2.0, 11.17 and 11.24.2.3.
@frozen
public struct USBTranslatorBuffer: Equatable, Sendable {
    /// The hub's address.
    public var hub: UInt8
    /// The device that the transaction was with.
    public var device: UInt8
    /// The endpoint, which is not an interrupt endpoint.
    public var endpoint: USBEndpoint

    /// The buffer of `hub` for `endpoint` of `device`.
    public init(hub: UInt8, device: UInt8, endpoint: USBEndpoint) {
        self.hub = hub
        self.device = device
        self.endpoint = endpoint
    }

    /// What CLEAR_TT_BUFFER has as wValue.
    public var value: UInt16 {
        UInt16(endpoint.number) | UInt16(device) << 4 | UInt16(endpoint.transfer.rawValue) << 11
            | (endpoint.isIn ? 0x8000 : 0)
    }
}
