import Testing

@testable import RaspberryPi4

@Suite struct PhysicalMemoryTests {
    private static let megabyte: UInt64 = 1 << 20

    private func pieces(_ start: UInt64, _ end: UInt64, tree: UInt64 = 0) -> [[UInt64]] {
        PhysicalMemory.pieces(of: start * Self.megabyte..<end * Self.megabyte, deviceTree: tree * Self.megabyte).map {
            [$0.lowerBound / Self.megabyte, $0.upperBound / Self.megabyte]
        }
    }

    @Test func `the first gigabyte is given from where the boot code stopped`() {
        #expect(pieces(0, 948) == [[256, 948]])
        #expect(pieces(0, 200).isEmpty)
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

    @Test func `the blocks of the device tree are kept`() {
        #expect(pieces(0, 948, tree: 751) == [[256, 750], [754, 948]])
        #expect(pieces(0, 948, tree: 128) == [[256, 948]])
        #expect(pieces(0, 948, tree: 947) == [[256, 946]])
    }

    @Test func `ends are cut to whole blocks`() {
        let odd = PhysicalMemory.pieces(of: 0x1000_1000..<0x1040_1000, deviceTree: 0)
        #expect(odd == [0x1020_0000..<0x1040_0000])
    }
}
