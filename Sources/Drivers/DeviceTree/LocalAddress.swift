extension DeviceTree {
    /// The hardware address that the firmware has given to the interface `alias`, such as "ethernet0" (Devicetree Specification 0.4,
    /// section 4.3.1): `mac-address` before `local-mac-address`. Nil where the tree names none of six bytes.
    public func hardwareAddress(of alias: String) -> [6 of UInt8]? {
        guard let node = node(alias) else { return nil }
        for name in ["mac-address", "local-mac-address"] {
            guard let property = node.property(name), property.count == 6 else { continue }
            let bytes = property.bytes
            // Trees are delivered with zeros here, for the firmware to replace.
            if bytes.contains(where: { $0 != 0 }) {
                return [bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]]
            }
        }
        return nil
    }
}
