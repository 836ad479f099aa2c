import Testing

@testable import RaspberryPi4

@Suite struct PhysicalMemoryTests {
    private static let megabyte: UInt64 = 1 << 20

    private func inMegabytes(_ ranges: [Range<UInt64>]) -> [[UInt64]] {
        ranges.map { [$0.lowerBound / Self.megabyte, $0.upperBound / Self.megabyte] }
    }

    /// The pieces of what lies between two addresses in MiB; the tree begins at `tree` and has `treeSize` bytes.
    private func pieces(_ start: UInt64, _ end: UInt64, tree: UInt64 = 0, treeSize: UInt64 = 0) -> [[UInt64]] {
        inMegabytes(
            PhysicalMemory.pieces(
                of: start * Self.megabyte..<end * Self.megabyte, deviceTree: tree..<(tree + treeSize)))
    }

    @Test func `the first gigabyte is given from where the boot code stopped`() {
        #expect(pieces(0, 948) == [[64, 948]])
        #expect(pieces(0, 60).isEmpty)
    }

    @Test(
        arguments: [(2048, [[1024, 2048]]), (4096, [[1024, 4032]]), (8192, [[1024, 4032], [4096, 8192]])]
            as [(UInt64, [[UInt64]])])
    func `larger boards have memory on both sides of the devices`(size: UInt64, expected: [[UInt64]]) {
        #expect(pieces(1024, size) == expected)
    }

    @Test func `a region that begins among the devices begins behind them`() {
        #expect(pieces(4040, 5000) == [[4096, 5000]])
        #expect(pieces(4040, 4090).isEmpty)
    }

    @Test(
        arguments: [
            (0x2EFF_1E00, 0xE1D9, [[64, 750], [752, 948]]),  // where the firmware puts it
            (0x2EFF_1E00, 0xF000, [[64, 750], [754, 948]]),  // over the end of a block
            (0x3B3F_0000, 0x10000, [[64, 946]]),  // at the end of the memory
            (0x0300_0000, 0x10000, [[64, 948]]),  // in what the boot code has mapped
            (0x03FF_F000, 0x2000, [[66, 948]]),  // over its end
            (0x4000, 0x8000, [[64, 948]]),  // below the image
        ] as [(UInt64, UInt64, [[UInt64]])])
    func `the blocks of the device tree are kept, and no others`(tree: UInt64, size: UInt64, expected: [[UInt64]]) {
        #expect(pieces(0, 948, tree: tree, treeSize: size) == expected)
    }

    @Test func `ends are cut to whole blocks`() {
        let odd = PhysicalMemory.pieces(of: 0x1000_1000..<0x1040_1000, deviceTree: 0..<0)
        #expect(odd == [0x1020_0000..<0x1040_0000])
    }

    @Test(
        arguments: [
            (948, 1024, [[0, 948]]), (948, 4096, [[0, 948], [1024, 4096]]), (998, 2048, [[0, 998], [1024, 2048]]),
            // Without fixup4.dat the rest belongs to the firmware.
            (128, 4096, [[0, 128]]), (2000, 4096, []),
        ] as [(UInt64, UInt64, [[UInt64]])])
    func `without a tree the firmware says what there is`(arm: UInt64, board: UInt64, expected: [[UInt64]]) {
        let regions = PhysicalMemory.regions(
            armMemory: 0..<arm * Self.megabyte, boardMemory: board * Self.megabyte)
        #expect(inMegabytes(regions) == expected)
    }

    @Test func `an answer that does not begin at zero is none`() {
        #expect(PhysicalMemory.regions(armMemory: 0x1000..<0x3B40_0000, boardMemory: nil).isEmpty)
    }
}
