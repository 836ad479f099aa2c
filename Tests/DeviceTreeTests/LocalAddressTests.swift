import DeviceTree
import Testing

@Suite struct LocalAddressTests {
    private static let zeros = "local-mac-address = [00 00 00 00 00 00];"

    private func address(_ properties: String) throws -> [UInt8]? {
        let compiled = try Compiled(
            "/ { aliases { ethernet0 = \"/scb/ethernet@7d580000\"; }; scb { ethernet@7d580000 { \(properties) }; }; };")
        guard let found = try compiled.tree().hardwareAddress(of: "ethernet0") else { return nil }
        return found.indices.map { found[$0] }
    }

    @Test(
        arguments: [
            ("local-mac-address = [dc a6 32 01 02 03];", [0xDC, 0xA6, 0x32, 1, 2, 3]),
            (
                "local-mac-address = [dc a6 32 01 02 03]; mac-address = [dc a6 32 04 05 06];",
                [0xDC, 0xA6, 0x32, 4, 5, 6]
            ),
            (
                "mac-address = [00 00 00 00 00 00]; local-mac-address = [dc a6 32 01 02 03];",
                [0xDC, 0xA6, 0x32, 1, 2, 3]
            ),
            (zeros, nil), ("", nil), ("local-mac-address = [dc a6 32];", nil),
            ("local-mac-address = <1 2 3>;", nil),
        ] as [(String, [UInt8]?)])
    func `the interface's address is the one the firmware wrote`(properties: String, expected: [UInt8]?) throws {
        #expect(try address(properties) == expected)
    }

    @Test func `a tree without the interface has no address for it`() throws {
        #expect(try Compiled("/ { };").tree().hardwareAddress(of: "ethernet0") == nil)
    }
}
