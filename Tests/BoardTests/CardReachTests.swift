import DeviceTree
import Interfaces
import Mailbox
import Testing

@testable import RaspberryPi4

@Suite struct CardReachTests {
    /// The window that a tree with this in it describes.
    private func window(_ nodes: String) throws -> DMAWindow? {
        try BoardTree.with("/ { #address-cells = <2>; #size-cells = <1>; \(nodes) };") { CardReach.window(in: $0) }
    }

    @Test(
        arguments: [
            ("dma-ranges = <0 0xc0000000 0 0 0x40000000>;", CardReach.b0),
            ("dma-ranges = <0 0 0 0 0xfc000000>;", CardReach.c0), ("dma-ranges;", CardReach.c0), ("", nil),
            ("dma-ranges = <1 0 0 0 0x40000000>;", nil), ("dma-ranges = <0 0 0>;", nil),
        ] as [(String, DMAWindow?)])
    func `the device tree says what the card's controller reaches`(property: String, expected: DMAWindow?) throws {
        let bus = "emmc2bus { #address-cells = <2>; #size-cells = <1>; ranges; \(property) };"
        #expect(try window(bus) == expected)
        #expect(
            try window(
                "aliases { emmc2bus = \"/bus\"; }; bus { #address-cells = <2>; #size-cells = <1>; \(property) };")
                == expected)
    }

    @Test func `a tree without the bus says nothing`() throws { #expect(try window("soc {};") == nil) }

    @Test(
        arguments: [
            (0xA0_3111, CardReach.b0), (0xB0_3112, CardReach.b0), (0xC0_3114, nil), (0xD0_3114, nil),
            (0xB0_3115, CardReach.c0), (0xC0_3130, CardReach.c0), (0xC0_3140, CardReach.c0), (0, nil),
        ] as [(UInt32, DMAWindow?)])
    func `without a tree the board's revision says it, where it can`(code: UInt32, expected: DMAWindow?) {
        #expect(CardReach.window(of: BoardRevision(rawValue: code)) == expected)
    }

    @Test(
        arguments: [
            (0x2711_0010, CardReach.b0), (0x2711_0011, CardReach.b0), (0x2711_0020, CardReach.c0),
            (0x2711_0021, CardReach.c0), (0x2712_0010, nil), (0, nil), (.max, nil),
        ] as [(UInt32, DMAWindow?)])
    func `the chip's number says which stepping it is`(chip: UInt32, expected: DMAWindow?) {
        #expect(CardReach.window(ofChip: chip) == expected)
    }

    @Test(
        arguments: [
            (CardReach.c0, CardReach.b0, nil, CardReach.c0, true),
            (CardReach.b0, CardReach.c0, nil, CardReach.b0, true),
            (CardReach.c0, CardReach.c0, CardReach.c0, CardReach.c0, false),
            (CardReach.b0, nil, CardReach.c0, CardReach.b0, true), (CardReach.c0, nil, nil, CardReach.c0, false),
            (nil, CardReach.b0, nil, CardReach.b0, false), (nil, CardReach.b0, CardReach.c0, CardReach.b0, true),
            (nil, nil, CardReach.c0, CardReach.c0, false), (nil, nil, nil, nil, false),
        ] as [(DMAWindow?, DMAWindow?, DMAWindow?, DMAWindow?, Bool)])
    func `the chip is believed before the tree, the tree before the revision`(
        chip: DMAWindow?, tree: DMAWindow?, revision: DMAWindow?, expected: DMAWindow?, isDoubtful: Bool
    ) {
        let finding = CardReach.find(chip: chip, tree: tree, revision: revision)
        #expect(finding == CardReach.Finding(window: expected, isDoubtful: isDoubtful))
    }

    @Test func `a window ends where it ends`() {
        #expect(CardReach.b0.busAddress(of: 0x3FFF_FE00, count: 512) == 0xFFFF_FE00)
        #expect(CardReach.b0.busAddress(of: 0x3FFF_FE00, count: 513) == nil)
        #expect(CardReach.b0.busAddress(of: 0x4000_0200, count: 512) == nil)
        #expect(CardReach.c0.busAddress(of: 0x8000_0000, count: 4096) == 0x8000_0000)
        #expect(CardReach.c0.busAddress(of: 0x1_0000_0000, count: 512) == nil)
    }
}
