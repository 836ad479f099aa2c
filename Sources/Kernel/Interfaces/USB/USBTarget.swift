/// Where a device is found on the bus.
@frozen
public struct USBTarget: Equatable, Sendable {
    /// Its address, 1 to 127; 0 after a reset.
    public var address: UInt8
    /// Its speed.
    public var speed: USBSpeed
    /// The most bytes in a packet of its endpoint 0: 8, 16, 32 or 64.
    public var controlPacketSize: UInt8
    /// The hub that translates between high speed and the device's; nil when none does. USB 2.0, 11.14.
    public var translator: USBTranslator?

    /// The device at `address`.
    public init(
        address: UInt8, speed: USBSpeed, controlPacketSize: UInt8 = 8, translator: USBTranslator? = nil
    ) {
        self.address = address
        self.speed = speed
        self.controlPacketSize = controlPacketSize
        self.translator = translator
    }
}

/// The port of a high-speed hub behind which full or low speed is spoken.
@frozen
public struct USBTranslator: Equatable, Sendable {
    /// The hub's address.
    public var hub: UInt8
    /// Its port, from 1.
    public var port: UInt8

    /// Port `port` of the hub at `hub`.
    public init(hub: UInt8, port: UInt8) {
        self.hub = hub
        self.port = port
    }
}
