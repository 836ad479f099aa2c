import Interfaces

/// What a device says about itself. USB 2.0, table 9-8.
public struct DeviceDescriptor: Equatable, Sendable {
    /// Bytes in the descriptor.
    static var length: Int { 18 }
    /// bDescriptorType.
    static var type: UInt8 { 1 }

    /// bDeviceClass; 0 when the interfaces have theirs.
    public var deviceClass: UInt8
    /// bMaxPacketSize0: 8, 16, 32 or 64.
    public var controlPacketSize: UInt8
    /// idVendor.
    public var vendor: UInt16
    /// idProduct.
    public var product: UInt16
    /// iManufacturer: the number of a string; 0 for none.
    public var manufacturerString: UInt8
    /// iProduct.
    public var productString: UInt8
    /// iSerialNumber.
    public var serialString: UInt8
    /// bNumConfigurations.
    public var configurations: UInt8

    /// The descriptor in `bytes`.
    /// - Throws: `.invalid` when there is none.
    public init(_ bytes: [UInt8]) throws(USBError) {
        guard bytes.count >= Self.length, bytes[0] >= Self.length, bytes[1] == Self.type else {
            throw .invalid("device descriptor")
        }
        deviceClass = bytes[4]
        controlPacketSize = try Self.controlPacketSize(bytes)
        vendor = bytes.word(8)
        product = bytes.word(10)
        manufacturerString = bytes[14]
        productString = bytes[15]
        serialString = bytes[16]
        configurations = bytes[17]
        if configurations == 0 { throw .invalid("bNumConfigurations") }
    }

    /// bMaxPacketSize0, which is in the first eight bytes.
    static func controlPacketSize(_ bytes: [UInt8]) throws(USBError) -> UInt8 {
        guard bytes.count >= 8, bytes[1] == type else { throw .invalid("device descriptor") }
        switch bytes[7] {
        case 8, 16, 32, 64: return bytes[7]
        default: throw .invalid("bMaxPacketSize0")
        }
    }
}

extension [UInt8] {
    /// The 16 bits at `offset`, which lie in the array.
    func word(_ offset: Int) -> UInt16 { UInt16(self[offset]) | UInt16(self[offset + 1]) << 8 }
}
