import Foundation
import Testing

@testable import DeviceTree

/// The tree that the board's firmware is delivered with, where `.cache` holds it.
@Suite struct FirmwareTreeTests {
    static let available: URL? = {
        let cache = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(".cache")
        let files = FileManager.default.enumerator(at: cache, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            if file.lastPathComponent == "bcm2711-rpi-4-b.dtb" { return file }
        }
        return nil
    }()

    @Test(.enabled(if: available != nil, "no bcm2711-rpi-4-b.dtb below .cache"))
    func `the tree of the firmware answers what the board asks`() throws {
        let blob = Compiled([UInt8](try Data(contentsOf: try #require(Self.available))))
        let tree = try blob.tree()
        exhaust(tree)
        #expect(tree.root.isCompatible(with: "brcm,bcm2711"))
        #expect(tree.node(compatible: "arm,gic-400") != nil)
        #expect(tree.node(compatible: "brcm,bcm2711-genet-v5") != nil)
        let console = try #require(tree.node("serial0") ?? tree.node("uart0"))
        #expect(console.registers.first { _ in true } != nil)
        let bus = try #require(tree.node("emmc2bus"))
        #expect(bus.dmaRanges.first { _ in true }?.child == 0xC000_0000)
        #expect(tree.node(compatible: "brcm,bcm2711-emmc2") != nil)
    }
}
