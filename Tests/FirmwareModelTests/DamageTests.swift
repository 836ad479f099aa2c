import Testing

@testable import FirmwareModel

/// Cards and trees that were damaged: the model answers something, and never reads beyond an end.
@Suite struct DamageTests {
    private struct Generator {
        var state: UInt64
        mutating func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
    }

    @Test(arguments: 0..<40) func `a damaged tree is taken apart or refused`(seed: Int) {
        var generator = Generator(state: UInt64(seed))
        for _ in 0..<200 {
            var bytes = SampleFirmware.tree
            for _ in 0...generator.next(8) { bytes[generator.next(bytes.count)] = UInt8(generator.next(256)) }
            bytes.removeLast(generator.next(4) == 0 ? generator.next(bytes.count) : 0)
            if let tree = FlattenedTree(bytes) { #expect(FlattenedTree(tree.serialized()) != nil) }
        }
    }

    @Test func `a tree is the same after it was taken apart`() throws {
        let bytes = SampleFirmware.tree
        #expect(try #require(FlattenedTree(bytes)).serialized() == bytes)
    }

    @Test(arguments: 0..<40) func `noise is no card`(seed: Int) {
        var generator = Generator(state: UInt64(seed))
        var image = (0..<4096).map { _ in UInt8(generator.next(256)) }
        image[510] = 0x55
        image[511] = 0xaa
        image[450] = 0x0c
        _ = try? FirmwareModel(card: CardContent(image: image)).boot()
        image[450] = 0xee
        image.replaceSubrange(512..<520, with: Array("EFI PART".utf8))
        _ = try? FirmwareModel(card: CardContent(image: image)).boot()
    }
}
