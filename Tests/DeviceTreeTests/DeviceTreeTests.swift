import Testing

@testable import DeviceTree

@Suite struct DeviceTreeTests {
    /// The shape of the board's tree, with each feature once.
    static let board = """
        /memreserve/ 0x0 0x1000;
        /memreserve/ 0x3b400000 0x4c00000;
        / {
            compatible = "raspberrypi,4-model-b", "brcm,bcm2711";
            model = "Raspberry Pi 4 Model B Rev 1.4";
            #address-cells = <2>;
            #size-cells = <1>;
            interrupt-parent = <&gic>;
            aliases { serial0 = "/soc/serial@7e201000"; emmc2bus = "/emmc2bus"; bad = "nowhere"; soc = "/soc"; };
            chosen {
                bootargs = "console=ttyAMA0 quiet";
                stdout-path = "serial0:115200n8";
                rng-seed = [01 02 03 04 05 06 07 08];
                bootloader { partition = <1>; rsts = <0x1020>; tryboot = <0>; boot-mode = <1>; };
            };
            memory@0 {
                device_type = "memory";
                reg = <0x0 0x0 0x3b400000>, <0x0 0x40000000 0xbc000000>, <0x1 0x0 0x80000000>, <0x1 0x80000000 0x0>;
            };
            reserved-memory {
                #address-cells = <2>; #size-cells = <1>; ranges;
                blconfig@3b000000 { reg = <0x0 0x3b000000 0x10000>; no-map; };
                linux,cma { size = <0x4000000>; };
                off@1000 { reg = <0x0 0x1000 0x1000>; status = "disabled"; };
            };
            soc {
                compatible = "simple-bus";
                #address-cells = <1>; #size-cells = <1>;
                ranges = <0x7e000000 0x0 0xfe000000 0x01800000>, <0x7c000000 0x0 0xfc000000 0x02000000>;
                dma-ranges = <0xc0000000 0x0 0x0 0x40000000>;
                serial@7e201000 {
                    compatible = "arm,pl011", "arm,primecell"; reg = <0x7e201000 0x200>; clock-frequency = <48000000>;
                    uid = /bits/ 64 <0x1122334455667788>; empty;
                };
                serial@7e201400 { compatible = "arm,pl011", "arm,primecell"; reg = <0x7e201400 0x200>; status = "disabled"; };
                gic: interrupt-controller@40041000 { compatible = "arm,gic-400"; phandle = <7>; reg = <0x40041000 0x1000>, <0x40042000 0x2000>; };
            };
            emmc2bus {
                compatible = "simple-bus";
                #address-cells = <2>; #size-cells = <1>;
                ranges = <0x0 0x7e000000 0x0 0xfe000000 0x01800000>;
                dma-ranges = <0x0 0xc0000000 0x0 0x0 0x40000000>;
                mmc@7e340000 { compatible = "brcm,bcm2711-emmc2"; reg = <0x0 0x7e340000 0x100>; };
            };
            scb { #address-cells = <2>; #size-cells = <2>; dma-ranges; pcie@7d500000 { #address-cells = <3>; #size-cells = <2>;
                ranges = <0x02000000 0x0 0xf8000000 0x6 0x00000000 0x0 0x04000000>; }; };
        };
        """

    @Test func `nodes are found by path, with and without their address`() throws {
        let blob = try Compiled(Self.board)
        let tree = try blob.tree()
        #expect(tree.byteCount == blob.count)
        #expect(tree.node("/")?.name == "")
        #expect(tree.node("/soc/serial@7e201400")?.name == "serial@7e201400")
        #expect(tree.node("/soc/serial")?.name == "serial@7e201000")
        #expect(tree.node("//soc//serial/")?.name == "serial@7e201000")
        #expect(tree.node("/soc/ser") == nil)
        #expect(tree.node("/soc/serial@7e201000/x") == nil)
        #expect(tree.node("") == nil)
    }

    @Test func `nodes are found by alias, with a path and options behind it`() throws {
        let tree = try Compiled(Self.board)
        let parsed = try tree.tree()
        #expect(parsed.node("serial0")?.name == "serial@7e201000")
        #expect(parsed.node("serial0:115200n8")?.name == "serial@7e201000")
        #expect(parsed.node("soc/serial@7e201400")?.name == "serial@7e201400")
        #expect(parsed.node("bad") == nil)
        #expect(parsed.node("none") == nil)
    }

    @Test func `nodes are found by what they are compatible with, one after the other`() throws {
        let blob = try Compiled(Self.board)
        let tree = try blob.tree()
        let first = try #require(tree.node(compatible: "arm,primecell"))
        let second = try #require(tree.node(compatible: "arm,primecell", after: first))
        #expect(first.name == "serial@7e201000" && first.isEnabled)
        #expect(second.name == "serial@7e201400" && !second.isEnabled)
        #expect(tree.node(compatible: "arm,primecell", after: second) == nil)
        #expect(tree.node(compatible: "arm,prime") == nil)
        #expect(tree.root.isCompatible(with: "brcm,bcm2711"))
        #expect(tree.node(phandle: 7)?.name == "interrupt-controller@40041000")
    }

    @Test func `properties are numbers, strings, lists of strings, cells or bytes`() throws {
        let blob = try Compiled(Self.board)
        let node = try #require(try blob.tree().node("serial0"))
        #expect(node.property("clock-frequency")?.u32 == 48_000_000)
        #expect(node.property("uid")?.u64 == 0x1122_3344_5566_7788)
        #expect(node.property("uid")?.u32 == nil)
        #expect(node.property("compatible")?.strings == ["arm,pl011", "arm,primecell"])
        #expect(node.property("compatible")?.string == "arm,pl011")
        #expect(node.property("empty")?.count == 0)
        #expect(node.property("empty")?.string == "")
        #expect(node.property("empty")?.u32 == nil)
        #expect(node.property("reg")?.cell(1) == 0x200)
        #expect(node.property("reg")?.cell(2) == nil)
        #expect(node.property("re") == nil)
        #expect(node.properties.map(\.name) == ["compatible", "reg", "clock-frequency", "uid", "empty"])
        #expect(Array(node.registers) == [MemoryRegion(start: 0x7E20_1000, size: 0x200)])
    }

    @Test func `memory comes in as many regions as there are, beyond four gigabytes too`() throws {
        let blob = try Compiled(Self.board)
        var regions: [MemoryRegion] = []
        try blob.tree().forEachMemoryRegion { regions.append($0) }
        #expect(
            regions == [
                MemoryRegion(start: 0, size: 0x3B40_0000), MemoryRegion(start: 0x4000_0000, size: 0xBC00_0000),
                MemoryRegion(start: 0x1_0000_0000, size: 0x8000_0000),
            ])
    }

    @Test(arguments: [(1, 1), (2, 1), (2, 2), (1, 2)])
    func `a memory node is read by the root's cells`(_ address: Int, _ size: Int) throws {
        func number(_ value: String, _ cells: Int) -> String { cells == 1 ? value : "0x0 " + value }
        let blob = try Compiled(
            """
            / { #address-cells = <\(address)>; #size-cells = <\(size)>;
                memory@0 { device_type = "memory"; reg = <\(number("0x1000", address)) \(number("0x40000000", size))>; };
                memory@80000000 { device_type = "memory"; reg = <\(number("0x80000000", address)) \(number("0x2000", size))>; };
                memory-controller@3 { reg = <\(number("0x3", address)) \(number("0x1", size))>; };
            };
            """)
        var regions: [MemoryRegion] = []
        try blob.tree().forEachMemoryRegion { regions.append($0) }
        #expect(
            regions == [
                MemoryRegion(start: 0x1000, size: 0x4000_0000), MemoryRegion(start: 0x8000_0000, size: 0x2000),
            ])
    }

    @Test func `a node without cells has an address of two and a size of one`() throws {
        let blob = try Compiled(#"/ { memory { device_type = "memory"; reg = <0x1 0x2 0x3>; }; };"#)
        var regions: [MemoryRegion] = []
        try blob.tree().forEachMemoryRegion { regions.append($0) }
        #expect(regions == [MemoryRegion(start: 0x1_0000_0002, size: 3)])
    }

    @Test func `a size past the end of the address space is cut`() throws {
        let blob = try Compiled(
            """
            / { #address-cells = <2>; #size-cells = <2>;
                memory { device_type = "memory"; reg = <0xffffffff 0xfffff000 0xffffffff 0xffffffff>, <0x1>; }; };
            """)
        var regions: [MemoryRegion] = []
        try blob.tree().forEachMemoryRegion { regions.append($0) }
        #expect(regions == [MemoryRegion(start: 0xFFFF_FFFF_FFFF_F000, size: 0xFFF)])
    }

    @Test func `reserved are the reservation block and the nodes that say where they lie`() throws {
        let blob = try Compiled(Self.board)
        var regions: [MemoryRegion] = []
        try blob.tree().forEachReservedRegion { regions.append($0) }
        #expect(
            regions == [
                MemoryRegion(start: 0, size: 0x1000), MemoryRegion(start: 0x3B40_0000, size: 0x4C0_0000),
                MemoryRegion(start: 0x3B00_0000, size: 0x1_0000),
            ])
    }

    @Test func `ranges translate between a bus and its parent, each by its own cells`() throws {
        let blob = try Compiled(Self.board)
        let tree = try blob.tree()
        let emmc = try #require(tree.node("emmc2bus"))
        let range = try #require(emmc.dmaRanges.first { _ in true })
        #expect(range == AddressRange(child: 0xC000_0000, parent: 0, size: 0x4000_0000))
        #expect(range.child(of: 0x1234) == 0xC000_1234)
        #expect(range.child(of: 0x4000_0000) == nil)
        #expect(range.parent(of: 0xC000_0001) == 1)
        #expect(range.parent(of: 1) == nil)
        let soc = try #require(tree.node("/soc"))
        #expect(soc.ranges.compactMap { $0.parent(of: 0x7E20_1000) } == [0xFE20_1000])
        #expect(Array(soc.dmaRanges).count == 1)
        let scb = try #require(tree.node("/scb"))
        #expect(Array(scb.dmaRanges).isEmpty && scb.property("dma-ranges")?.count == 0)
        // Three cells of PCI address do not fit 64 bits.
        #expect(Array(try #require(tree.node("/scb/pcie")).ranges).isEmpty)
    }

    @Test func `what firmware decided is in chosen`() throws {
        let blob = try Compiled(Self.board)
        let chosen = try #require(try blob.tree().chosen)
        #expect(chosen.bootArguments == "console=ttyAMA0 quiet")
        #expect(chosen.standardOutputPath == "serial0:115200n8")
        #expect(chosen.randomSeed == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(chosen.partition == 1 && chosen.resetStatus == 0x1020 && chosen.tryBoot == 0 && chosen.bootMode == 1)
        #expect(try Compiled("/ { };").tree().chosen == nil)
        let empty = try #require(try Compiled("/ { chosen { }; };").tree().chosen)
        #expect(empty.bootArguments == nil && empty.partition == nil && empty.randomSeed == nil)
    }
}
