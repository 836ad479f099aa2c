extension DeviceTree {
    /// The hardware address that the firmware has given to the interface `alias`, such as "ethernet0" (Devicetree Specification 0.4,
    /// section 4.3.1): `mac-address` before `local-mac-address`. Nil where the tree names none of six bytes.
    public func hardwareAddress(of alias: StaticString) -> [6 of UInt8]? {
        guard let node = unsafe node(Array(alias.octets)) else { return nil }
        return Self.address(node.property("mac-address")) ?? Self.address(node.property("local-mac-address"))
    }

    private static func address(_ property: Property?) -> [6 of UInt8]? {
        guard let property, property.count == 6 else { return nil }
        let bytes = property.bytes
        // Trees are delivered with zeros here, for the firmware to replace.
        guard bytes.contains(where: { $0 != 0 }) else { return nil }
        return [bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]]
    }
}
