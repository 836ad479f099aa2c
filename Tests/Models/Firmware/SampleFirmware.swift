/// Files with the marks of the firmware's own, for tests that run where nobody can fetch those.
public enum SampleFirmware {
    /// A `start4.elf` that holds nothing but a stub's marks.
    public static var start4: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 0x1000)
        bytes.put32(0x464c_457f, at: 0)
        let stub = 0x800
        bytes.put32(0x5800_0540, at: stub)
        bytes.put32(0xff80_0000, at: stub + 0xa8)
        bytes.put32(0x5afe_570b, at: stub + 0xf0)
        // mrs x0, mpidr_el1 begins what the cores execute before they leave EL3.
        bytes.put32(0xd538_00a0, at: stub + 0x100)
        return bytes
    }

    /// A device tree with what the firmware patches, its interrupts at a GIC-400.
    public static var tree: [UInt8] {
        func cells(_ values: UInt32...) -> [UInt8] { values.flatMap { value in big(value) } }
        func text(_ value: String) -> [UInt8] { Array(value.utf8) + [0] }
        func node(_ name: String, _ properties: [(String, [UInt8])], _ children: [FlattenedTree.Node] = [])
            -> FlattenedTree.Node
        {
            var node = FlattenedTree.Node(name: name)
            node.properties = properties.map { (name: $0.0, value: $0.1) }
            node.children = children
            return node
        }
        let gic = node("interrupt-controller@40041000", [("compatible", text("arm,gic-400")), ("phandle", cells(1))])
        let aliases = [
            ("emmc2bus", text("/emmc2bus")), ("ethernet0", text("/scb/ethernet@7d580000")),
            ("blconfig", text("/reserved-memory/nvram@0")),
        ]
        let root = node(
            "",
            [
                ("compatible", text("raspberrypi,4-model-b") + text("brcm,bcm2711")), ("#address-cells", cells(2)),
                ("#size-cells", cells(1)), ("interrupt-parent", cells(1)),
            ],
            [
                node("aliases", aliases), node("chosen", []),
                node("memory@0", [("device_type", text("memory")), ("reg", cells(0, 0, 0))]),
                node("reserved-memory", [], [node("nvram@0", [("status", text("disabled"))])]),
                node("soc", [], [gic]),
                node("emmc2bus", [("dma-ranges", cells(0, 0xc000_0000, 0, 0, 0x4000_0000))]),
                node("scb", [], [node("ethernet@7d580000", [])]),
            ])
        return FlattenedTree(root: root).serialized()
    }

    /// A kernel with the header of a 64-bit Linux that wants to lie at `address` and takes `size` bytes with its .bss.
    public static func kernel(at address: UInt32, size: UInt32 = 0x10000) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 0x200)
        bytes.put32(0x1400_0010, at: 0)
        bytes.put32(address, at: 8)
        bytes.put32(size, at: 16)
        bytes.put32(0x644d_5241, at: 0x38)
        return bytes
    }

    /// All that a card needs beside its kernel and config.txt.
    public static var files: [String: [UInt8]] {
        [
            "start4.elf": start4, "fixup4.dat": [1], "bcm2711-rpi-4-b.dtb": tree, "bcm2711-rpi-400.dtb": tree,
            "bcm2711-rpi-cm4.dtb": tree,
        ]
    }

    private static func big(_ value: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBig32(Int(value))
        return bytes
    }
}
