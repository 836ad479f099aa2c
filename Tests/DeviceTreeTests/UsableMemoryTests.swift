import Testing

@testable import DeviceTree

@Suite struct UsableMemoryTests {
    private static let megabyte: UInt64 = 1 << 20

    private func usable(memory: String, reserved: String = "", nodes: String = "") throws -> [[UInt64]] {
        let compiled = try Compiled(
            """
            \(reserved)
            / {
                #address-cells = <2>; #size-cells = <2>;
                memory@0 { device_type = "memory"; reg = \(memory); };
                reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges; \(nodes) };
            };
            """)
        return try withExtendedLifetime(compiled) {
            try compiled.tree().usableMemory(blockSize: 2 * Self.megabyte).map {
                [$0.start / Self.megabyte, $0.end / Self.megabyte]
            }
        }
    }

    @Test func `all of it, when nothing is reserved`() throws {
        #expect(try usable(memory: "<0 0 0 0x3b400000>, <0 0x40000000 0 0x40000000>") == [[0, 948], [1024, 2048]])
    }

    @Test func `a reserved part leaves two`() throws {
        #expect(
            try usable(memory: "<0 0 0 0x10000000>", reserved: "/memreserve/ 0x4000000 0x200000;") == [
                [0, 64], [66, 256],
            ])
    }

    @Test func `blocks that a reserved part touches are left out whole`() throws {
        #expect(
            try usable(memory: "<0 0 0 0x10000000>", reserved: "/memreserve/ 0x4100000 0x1000;") == [
                [0, 64], [66, 256],
            ])
    }

    @Test func `reserved parts may overlap, touch, and stand at both ends`() throws {
        let reserved = """
            /memreserve/ 0x0 0x1000;
            /memreserve/ 0x4000000 0x400000;
            /memreserve/ 0x4200000 0x400000;
            /memreserve/ 0x4600000 0x200000;
            /memreserve/ 0xfe00000 0x400000;
            """
        #expect(try usable(memory: "<0 0 0 0x10000000>", reserved: reserved) == [[2, 64], [72, 254]])
    }

    @Test func `a region reserved as a whole is gone, and reserved nodes count`() throws {
        let nodes = "a@40000000 { reg = <0 0x40000000 0 0x40000000>; };"
        #expect(try usable(memory: "<0 0 0 0x10000000>, <0 0x40000000 0 0x40000000>", nodes: nodes) == [[0, 256]])
    }
}
