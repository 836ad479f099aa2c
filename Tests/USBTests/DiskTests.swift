import Interfaces
import Models
import Testing
import USB
import USBStorage

/// Disks as block devices.
@Suite struct DiskTests {
    private func bench(
        _ disk: DiskModel, isEmulated: Bool = false, wait: UInt64 = 1500
    ) throws -> USBBench {
        let bench = try USBBench.started(disk, isEmulated: isEmulated)
        bench.run(milliseconds: wait)
        return bench
    }

    private static func block(_ number: Int) -> [UInt8] {
        (0..<512).map { UInt8(truncatingIfNeeded: $0 &* 3 &+ number) }
    }

    private func read(_ bench: USBBench, _ first: UInt64, _ count: Int) throws(BlockError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count * 512)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        try bench.disk.read(first, into: &raw)
        return bytes
    }

    private func write(_ bench: USBBench, _ first: UInt64, _ bytes: [UInt8]) throws(BlockError) {
        try bench.disk.write(first, from: bytes.span.bytes)
    }

    @Test(arguments: [(UInt32(0), false), (1, false), (1, true)]) func `blocks are written and read back`(
        speed: UInt32, isEmulated: Bool
    ) throws {
        let model = DiskModel(speed: speed, count: 300)
        let bench = try bench(model, isEmulated: isEmulated)
        #expect(throws: BlockError(.absent)) { try read(bench, 0, 1) }
        try bench.disk.open()
        #expect(bench.disk.geometry == BlockGeometry(blockCount: 300))
        let content = (0..<200).flatMap { Self.block($0) }
        try write(bench, 50, content)
        #expect(Array(model.blocks[50..<250].joined()) == content)
        #expect(try read(bench, 50, 200) == content)
        #expect(try read(bench, 249, 2) == Self.block(199) + [UInt8](repeating: 0, count: 512))
        try bench.disk.flush()
        #expect(model.flushes == 1)
        #expect(throws: BlockError(.outOfRange)) { try read(bench, 299, 2) }
        #expect(bench.violations == [])
    }

    @Test func `a disk that becomes ready is waited for, one without a medium is not used`() throws {
        let slow = DiskModel(count: 16)
        slow.unreadyTimes = 5
        #expect(try bench(slow, wait: 3000).disk.isPresent)
        let empty = DiskModel(count: 16)
        empty.isEmpty = true
        let bench = try bench(empty, wait: 3000)
        #expect(!bench.disk.isPresent)
        #expect(bench.news.contains { if case .unused(_, .unsupported) = $0 { true } else { false } })
    }

    @Test func `a disk that cannot be written to says so`() throws {
        let model = DiskModel(count: 16)
        model.isProtected = true
        let bench = try bench(model)
        try bench.disk.open()
        #expect(bench.disk.geometry.isReadOnly)
        #expect(throws: BlockError(.readOnly)) { try write(bench, 0, Self.block(0)) }
    }

    @Test func `a disk of more blocks than 32 bits can name is asked in another way`() throws {
        let model = DiskModel(count: 16)
        model.isHuge = true
        let bench = try bench(model)
        try bench.disk.open()
        #expect(bench.disk.geometry.blockCount == 16)
    }

    @Test func `what the disk says is told, and what passes is tried again`() throws {
        let model = DiskModel(count: 16)
        let bench = try bench(model)
        try bench.disk.open()
        model.failures = [(3, 0x11, 0)]
        #expect(throws: BlockError(.corrupted)) { try read(bench, 0, 1) }
        model.failures = [(2, 0x3A, 0)]
        #expect(throws: BlockError(.absent)) { try read(bench, 0, 1) }
        model.failures = [(11, 0x47, 3)]
        #expect(throws: BlockError(.refused(status: 0x0B4703))) { try read(bench, 0, 1) }
        model.failures = [(6, 0x28, 0)]
        #expect(try read(bench, 0, 1).count == 512)
        model.failures = [(3, 0x0C, 0)]
        #expect(throws: BlockError(.corrupted, unknown: 4..<5)) { try write(bench, 4, Self.block(1)) }
    }

    @Test func `a disk that is out of step is reset`() throws {
        let model = DiskModel(count: 16)
        let bench = try bench(model)
        try bench.disk.open()
        model.garbledStatuses = 1
        try write(bench, 3, Self.block(9))
        #expect(model.resets == 1 && model.blocks[3] == Self.block(9))
        #expect(bench.disk.retries >= 1)
        model.garbledStatuses = 100
        #expect(throws: BlockError(.corrupted)) { try read(bench, 0, 1) }
        model.garbledStatuses = 0
        #expect(try read(bench, 3, 1) == Self.block(9))
        #expect(bench.violations == [])
    }

    @Test func `a disk that is pulled out is absent, and so is another one until it is opened`() throws {
        let bench = try bench(DiskModel(count: 16))
        try bench.disk.open()
        bench.model.unplug()
        bench.run(milliseconds: 200)
        #expect(throws: BlockError(.absent)) { try read(bench, 0, 1) }
        #expect(throws: BlockError(.absent)) { try bench.disk.open() }
        bench.model.plug(DiskModel(count: 32))
        bench.run(milliseconds: 2000)
        #expect(throws: BlockError(.absent)) { try read(bench, 0, 1) }
        try bench.disk.open()
        #expect(bench.disk.geometry.blockCount == 32)
        #expect(try read(bench, 31, 1).count == 512)
    }

    @Test func `a disk that disappears in the middle of a command is an error in bounded time`() throws {
        for last in 1...40 {
            let model = DiskModel(speed: 1, count: 16)
            let bench = try bench(model)
            try bench.disk.open()
            let target = bench.model.packets + last
            bench.model.beforePacket = { [unowned bench] number in if number == target { bench.model.unplug() } }
            let start = bench.clock.now
            #expect(throws: BlockError.self) { for block in 0..<8 { _ = try read(bench, UInt64(block), 2) } }
            #expect(bench.clock.now - start < .seconds(60))
            #expect(bench.violations == [], "at packet \(last)")
        }
    }
}
