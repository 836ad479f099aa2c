import Interfaces

/// A way in which a device can be used: its interfaces and their endpoints. USB 2.0, table 9-10.
///
/// Nothing a device says is believed: lengths that do not add up are errors, endpoints that cannot be are left out.
public struct ConfigurationDescriptor: Equatable, Sendable {
    /// Bytes of its own, before those of its interfaces.
    static var length: Int { 9 }
    /// The most bytes that a device may describe itself with.
    static var longest: Int { 4096 }
    /// The most interfaces, every alternative counted.
    private static var mostInterfaces: Int { 64 }

    /// bDescriptorType.
    private enum Kind {
        static var configuration: UInt8 { 2 }
        static var interface: UInt8 { 4 }
        static var endpoint: UInt8 { 5 }
        /// CS_INTERFACE: of the class that the interface has.
        static var functional: UInt8 { 0x24 }
    }

    /// bConfigurationValue.
    public var value: UInt8
    /// The interfaces, each alternative for itself, in the device's order.
    public var interfaces: [InterfaceDescriptor] = []

    /// The descriptors in `bytes`, which begin with the configuration's.
    /// - Throws: `.invalid`.
    public init(_ bytes: [UInt8]) throws(USBError) {
        let total = try Self.totalLength(bytes)
        guard total <= bytes.count else { throw .invalid("wTotalLength") }
        value = bytes[5]
        var offset = Int(bytes[0])
        while offset < total {
            let length = Int(bytes[offset])
            guard length >= 2, offset + length <= total else { throw .invalid("bLength") }
            try take(Array(bytes[offset..<offset + length]))
            offset += length
        }
    }

    /// wTotalLength, when `bytes` begin with a configuration's own descriptor.
    static func totalLength(_ bytes: [UInt8]) throws(USBError) -> Int {
        guard bytes.count >= length, bytes[0] >= length, bytes[1] == Kind.configuration else {
            throw .invalid("configuration descriptor")
        }
        let total = Int(bytes.word(2))
        guard total >= bytes[0], total <= longest else { throw .invalid("wTotalLength") }
        return total
    }

    private mutating func take(_ descriptor: [UInt8]) throws(USBError) {
        switch descriptor[1] {
        case Kind.interface:
            guard interfaces.count < Self.mostInterfaces else { throw .invalid("number of interfaces") }
            interfaces.append(try InterfaceDescriptor(descriptor))
        case Kind.endpoint:
            // Before the first interface it belongs to nothing.
            guard !interfaces.isEmpty else { throw .invalid("endpoint descriptor") }
            if let endpoint = USBEndpoint(descriptor: descriptor) {
                interfaces[interfaces.count - 1].endpoints.append(endpoint)
            }
        case Kind.functional:
            if !interfaces.isEmpty { interfaces[interfaces.count - 1].functional.append(descriptor) }
        default: break
        }
    }

    /// The interface `number` in its alternative that has endpoints in both directions as bulk; nil when there is none.
    public func bulkPair(of number: UInt8) -> (alternate: UInt8, input: USBEndpoint, output: USBEndpoint)? {
        for interface in interfaces where interface.number == number {
            if let input = interface.endpoint(.bulk, isIn: true), let output = interface.endpoint(.bulk, isIn: false) {
                return (interface.alternate, input, output)
            }
        }
        return nil
    }
}

/// An interface of a configuration, in one of its alternatives. USB 2.0, table 9-12.
public struct InterfaceDescriptor: Equatable, Sendable {
    /// bInterfaceNumber.
    public var number: UInt8
    /// bAlternateSetting.
    public var alternate: UInt8
    /// bInterfaceClass.
    public var interfaceClass: UInt8
    /// bInterfaceSubClass.
    public var subclass: UInt8
    /// bInterfaceProtocol.
    public var `protocol`: UInt8
    /// Its endpoints beside endpoint 0.
    public var endpoints: [USBEndpoint] = []
    /// The descriptors of its class, each with length and type at its beginning.
    public var functional: [[UInt8]] = []

    init(_ bytes: [UInt8]) throws(USBError) {
        guard bytes.count >= 9 else { throw .invalid("interface descriptor") }
        number = bytes[2]
        alternate = bytes[3]
        interfaceClass = bytes[5]
        subclass = bytes[6]
        `protocol` = bytes[7]
    }

    /// The first endpoint of a kind.
    public func endpoint(_ transfer: USBEndpoint.Transfer, isIn: Bool) -> USBEndpoint? {
        endpoints.first { $0.transfer == transfer && $0.isIn == isIn }
    }

    /// The functional descriptor of `subtype`, when it has `length` bytes at least.
    public func functional(_ subtype: UInt8, length: Int) -> [UInt8]? {
        functional.first { $0.count >= max(length, 3) && $0[2] == subtype }
    }
}

extension USBEndpoint {
    /// The endpoint of a descriptor; nil for one that nobody can use: endpoint 0, or one with packets of nothing (which isochronous ones have
    /// where they take no time) or of more than there can be. USB 2.0, table 9-13.
    init?(descriptor bytes: [UInt8]) {
        guard bytes.count >= 7 else { return nil }
        let number = bytes[2] & 15
        let size = Int(bytes.word(4) & 0x7FF)
        guard number != 0, size > 0, size <= 1024 else { return nil }
        self.init(
            number: number, isIn: bytes[2] & 0x80 != 0, transfer: Transfer(rawValue: bytes[3] & 3)!, packetSize: size,
            interval: bytes[6])
    }
}
