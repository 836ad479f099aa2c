/// The eight bytes that begin a request to a device. USB 2.0, 9.3.
@frozen
public struct USBSetup: Equatable, Sendable {
    /// bmRequestType: direction, kind and recipient.
    public var type: UInt8
    /// bRequest.
    public var request: UInt8
    /// wValue.
    public var value: UInt16
    /// wIndex.
    public var index: UInt16
    /// wLength: bytes of data that follow.
    public var length: UInt16

    /// A request as its fields say.
    public init(type: UInt8, request: UInt8, value: UInt16 = 0, index: UInt16 = 0, length: UInt16 = 0) {
        self.type = type
        self.request = request
        self.value = value
        self.index = index
        self.length = length
    }

    /// Whether the data comes from the device.
    @inlinable
    public var isIn: Bool { type & 0x80 != 0 }

    /// The bytes as they are sent, the first in bits 7 to 0.
    public var word: UInt64 {
        UInt64(type) | UInt64(request) << 8 | UInt64(value) << 16 | UInt64(index) << 32 | UInt64(length) << 48
    }
}
