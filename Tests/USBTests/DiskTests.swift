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

    @Test(arguments: [DiskModel.Fault.halted, .cut, .short, .residue, .skipped], [UInt32(0), 1])
    func `what a disk has not given is never read, whatever its status says`(fault: DiskModel.Fault, speed: UInt32)
        throws
    {
        let model = DiskModel(speed: speed, count: 80)
        for index in 0..<80 { model.blocks[index] = Self.block(index) }
        let bench = try bench(model)
        try bench.disk.open()
        // The driver's memory holds other blocks.
        #expect(try read(bench, 64, 16) == (64..<80).flatMap { Self.block($0) })
        model.faults = [fault]
        #expect(try read(bench, 0, 16) == (0..<16).flatMap { Self.block($0) })
        #expect(bench.disk.retries > 0)
        model.faults = [fault, fault, fault]
        #expect(throws: BlockError(.corrupted)) { try read(bench, 16, 16) }
        #expect(model.faults.isEmpty)
        #expect(try read(bench, 16, 16) == (16..<32).flatMap { Self.block($0) })
        #expect(bench.violations == [])
    }

    @Test(arguments: [DiskModel.Fault.halted, .residue]) func `what a disk has not taken is not said to be written`(
        fault: DiskModel.Fault
    ) throws {
        let model = DiskModel(count: 16)
        let bench = try bench(model)
        try bench.disk.open()
        model.faults = [fault, fault, fault]
        #expect(throws: BlockError(.corrupted, unknown: 2..<6)) {
            try write(bench, 2, (0..<4).flatMap { Self.block($0) })
        }
        try write(bench, 2, Self.block(7))
        #expect(model.blocks[2] == Self.block(7))
        #expect(bench.violations == [])
    }

    @Test(arguments: [DiskModel.Fault.halted, .short, .residue, .skipped], 0...3)
    func `a size is only believed when it has come whole`(fault: DiskModel.Fault, before: Int) throws {
        let model = DiskModel(count: 16)
        // INQUIRY, READ CAPACITY, MODE SENSE; twice each.
        model.faults = .init(repeating: .empty, count: before) + [fault]
        let bench = try bench(model, wait: 3000)
        try bench.disk.open()
        #expect(bench.disk.geometry == BlockGeometry(blockCount: 16))
        #expect(bench.violations == [])
    }

    @Test func `a disk that names residues where there are none is used, and one that is none is not`() throws {
        let model = DiskModel(count: 16)
        model.hasFalseResidue = true
        model.blocks[3] = Self.block(3)
        let bench = try bench(model)
        try bench.disk.open()
        #expect(try read(bench, 3, 1) == Self.block(3))
        let scanner = DiskModel(count: 16)
        scanner.kind = 0x06
        #expect(try !self.bench(scanner).disk.isPresent)
        let absent = DiskModel(count: 16)
        absent.kind = 0x7F
        #expect(try !self.bench(absent).disk.isPresent)
    }

    @Test func `a disk that waits to be started is started`() throws {
        let model = DiskModel(count: 16)
        model.needsStart = true
        #expect(try bench(model, wait: 3000).disk.isPresent)
    }

    @Test func `an empty packet behind the data is not the status`() throws {
        let model = DiskModel(count: 16)
        model.blocks[5] = Self.block(5)
        let bench = try bench(model)
        try bench.disk.open()
        let retries = bench.disk.retries
        model.faults = [.empty]
        #expect(try read(bench, 5, 1) == Self.block(5))
        #expect(bench.disk.retries == retries)
    }

    @Test(arguments: [UInt32(0), 1]) func `a disk that went deaf works again without being pulled out`(speed: UInt32)
        throws
    {
        let model = DiskModel(speed: speed, count: 16)
        for index in 0..<16 { model.blocks[index] = Self.block(index) }
        let bench = try bench(model)
        try bench.disk.open()
        model.faults = [.deaf]
        let start = bench.clock.now
        #expect(try read(bench, 3, 2) == Self.block(3) + Self.block(4))
        #expect(bench.clock.now - start < .seconds(15))
        // Every attempt in vain, the reset refused once: an error, and afterwards all is well.
        model.faults = [.deaf, .deaf, .deaf]
        model.refusedResets = 1
        #expect(throws: BlockError(.timeout(""))) { try read(bench, 5, 1) }
        model.faults = []
        model.refusedResets = 0
        for block in 0..<16 { #expect(try read(bench, UInt64(block), 1) == Self.block(block)) }
        model.faults = [.deaf]
        try write(bench, 9, Self.block(2))
        #expect(model.blocks[9] == Self.block(2))
        #expect(bench.violations == [])
    }

    @Test func `a transaction that is lost in the core is started anew`() throws {
        let model = DiskModel(count: 64)
        for index in 0..<64 { model.blocks[index] = Self.block(index) }
        let bench = try bench(model)
        try bench.disk.open()
        for lost in 1...12 {
            let target = bench.model.packets + lost
            bench.model.beforePacket = { [unowned bench] number in if number == target { bench.model.lostPackets = 1 } }
            let start = bench.clock.now
            #expect(try read(bench, 8, 3) == (8..<11).flatMap { Self.block($0) }, "packet \(lost)")
            #expect(bench.clock.now - start < .seconds(4))
            try write(bench, 20, Self.block(lost))
            #expect(model.blocks[20] == Self.block(lost))
        }
        #expect(model.resets == 0)
        #expect(bench.violations == [])
    }

    @Test(arguments: [UInt16(1), 7, 63, 65, 128, 511, 1023, 1024])
    func `a disk whose packets cannot fill the memory is refused`(size: UInt16) throws {
        let bench = try bench(DiskModel(count: 16, packetSize: size))
        #expect(!bench.disk.isPresent)
        #expect(bench.violations == [])
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
