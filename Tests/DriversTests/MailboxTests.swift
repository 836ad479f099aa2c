import Interfaces
import Mailbox
import Models
import Testing

@Suite struct MailboxTests {
    typealias Driver = Mailbox<MailboxModel, VirtualClock, CoherentMemoryModel>

    private struct Bench {
        let clock = VirtualClock()
        let memory: CoherentMemoryModel
        let model: MailboxModel

        init(seed: UInt64 = 1, restlessness: UInt64 = 0, size: Int = 256, stale: [UInt32] = []) {
            memory = CoherentMemoryModel(count: size, seed: seed, restlessness: restlessness)
            model = MailboxModel(clock, memory: memory, stale: stale)
        }

        func driver() -> Driver { Mailbox(model, time: clock, memory: memory) }
    }

    // MARK: - The way of a message

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `answers are read as the firmware wrote them, whatever the cache does by itself`(seed: UInt64) throws {
        let bench = Bench(seed: seed, restlessness: 60)
        bench.model.tags[0x0001_0004] = { _ in [UInt32(seed), 0xABCD] }
        var mailbox = bench.driver()
        for _ in 0..<5 {
            let serial = try mailbox.serialNumber()
            #expect(serial == 0xABCD << 32 | seed)
        }
        #expect(bench.model.allViolations == [])
    }

    @Test func `what an earlier stage left is thrown away`() throws {
        let bench = Bench(stale: [0xDEAD_BEE8, 0xC020_0008, 0x11])
        bench.model.tags[0x0000_0001] = { _ in [346_337] }
        var mailbox = bench.driver()
        let revision = try mailbox.firmwareRevision()
        #expect(revision == 346_337)
        #expect(bench.model.allViolations == [])
    }

    @Test func `words of other channels and other messages are thrown away`() throws {
        let bench = Bench()
        bench.model.tags[0x0000_0001] = { _ in [7] }
        var mailbox = bench.driver()
        bench.model.wordsAhead = [0xC020_0003, 0xC0FF_0008, 0]
        let revision = try mailbox.firmwareRevision()
        #expect(revision == 7)
        #expect(bench.model.allViolations == [])
    }

    @Test func `the answer may come with the plain address`() throws {
        let bench = Bench()
        bench.model.answersWithPlainAddress = true
        bench.model.tags[0x0000_0001] = { _ in [7] }
        var mailbox = bench.driver()
        let revision = try mailbox.firmwareRevision()
        #expect(revision == 7)
    }

    @Test func `firmware may take its time`() throws {
        let bench = Bench()
        bench.model.latency = .milliseconds(300)
        bench.model.tags[0x0002_8001] = { [$0[0], 1] }
        var mailbox = bench.driver()
        let isOn = try mailbox.setPower(.sdCard, isOn: true)
        #expect(isOn)
    }

    @Test func `firmware that never answers is a timeout, and its memory is left alone`() throws {
        let bench = Bench()
        bench.model.latency = nil
        var mailbox = bench.driver()
        #expect(throws: DeviceError.timeout("")) { try mailbox.firmwareRevision() }
        #expect(throws: DeviceError.timeout("")) { try mailbox.boardRevision() }
        #expect(bench.model.messages == 1)
        #expect(bench.clock.now < Instant(nanoseconds: 3_000_000_000))
    }

    @Test func `a late answer is not taken for the answer to the next request`() throws {
        let bench = Bench()
        bench.model.latency = nil
        bench.model.tags[0x0000_0001] = { _ in [1] }
        bench.model.tags[0x0001_0002] = { _ in [0xB0_3115] }
        var mailbox = bench.driver()
        #expect(throws: DeviceError.timeout("")) { try mailbox.firmwareRevision() }
        bench.model.answerLate(after: .milliseconds(500))
        bench.model.latency = .milliseconds(1)
        let revision = try mailbox.boardRevision()
        #expect(revision.rawValue == 0xB0_3115)
        #expect(bench.model.allViolations == [])
    }

    @Test func `a mailbox without room is a timeout`() {
        let bench = Bench()
        bench.model.isFull = true
        var mailbox = bench.driver()
        #expect(throws: DeviceError.timeout("")) { try mailbox.firmwareRevision() }
        #expect(bench.model.allViolations == [])
    }

    @Test(arguments: [FirmwareTag.Style.unknown, .empty])
    func `a tag the firmware does not know is unsupported`(style: FirmwareTag.Style) {
        let bench = Bench()
        bench.model.unknownTag = style
        var mailbox = bench.driver()
        #expect(throws: DeviceError.unsupported("")) { try mailbox.isHigh(.sdSignalling1V8) }
        #expect(throws: DeviceError.unsupported("")) { try mailbox.setLevel(true, of: .sdPowerOn) }
        #expect(throws: DeviceError.unsupported("")) { try mailbox.measuredClockRate(.core) }
        #expect(throws: DeviceError.unsupported("")) { try mailbox.setRebootFlags(1) }
        #expect(throws: DeviceError.unsupported("")) { try mailbox.boardRevision() }
    }

    @Test(arguments: [0, 0x8000_0001, 0xFFFF_FFFF] as [UInt32])
    func `a message the firmware could not read, or whose only tag it fails at, is invalid`(code: UInt32) {
        let bench = Bench()
        bench.model.tags[0x0000_0001] = { _ in [7] }
        bench.model.responseCode = code
        var mailbox = bench.driver()
        #expect(throws: DeviceError.invalid("")) { try mailbox.firmwareRevision() }
    }

    @Test(arguments: [1, 3, 5, 0x100, 0x7FFF_FFFF] as [UInt32])
    func `an answer of an impossible length is invalid`(length: UInt32) {
        let bench = Bench()
        bench.model.tags[0x0000_0001] = { _ in [7] }
        bench.model.claimedLength[0x0000_0001] = length
        var mailbox = bench.driver()
        #expect(throws: DeviceError.invalid("")) { try mailbox.firmwareRevision() }
    }

    @Test(arguments: [0, 8, 32, 36, 40, 44, 0xFFFF_FFFC] as [UInt32])
    func `sizes that the firmware changes lead nowhere outside the message`(size: UInt32) {
        // The command line asks for all the room there is.
        let bench = Bench(size: 64)
        bench.model.tags[0x0005_0001] = { _ in [7] }
        bench.model.changedSize[0x0005_0001] = size
        bench.model.responseCode = 0x8000_0001
        var mailbox = bench.driver()
        var buffer = [UInt8](repeating: 0xEE, count: 20)
        var span = buffer.mutableSpan
        var bytes = unsafe span.mutableBytes
        // Whether it is what the firmware failed at nobody can tell then.
        if let taken = try? mailbox.commandLine(into: &bytes) { #expect(taken <= 4) }
        #expect(bench.memory.violations == [])
    }

    @Test func `several tags travel in one message`() throws {
        let bench = Bench()
        bench.model.tags[0x0003_0002] = { [$0[0], 600_000_000] }
        bench.model.tags[0x0003_0004] = { [$0[0], 1_500_000_000] }
        var mailbox = bench.driver()
        try mailbox.begin()
        let now = mailbox.append(.clockRate, [FirmwareClock.arm.rawValue], capacity: 2)
        let most = mailbox.append(.maximumClockRate, [FirmwareClock.arm.rawValue], capacity: 2)
        let unknown = mailbox.append(.throttled, [0])
        try mailbox.exchange()
        let (first, second) = (try mailbox.value(now, 1, words: 2), try mailbox.value(most, 1, words: 2))
        #expect(first == 600_000_000 && second == 1_500_000_000)
        #expect(throws: DeviceError.unsupported("")) { try mailbox.value(unknown, 0, words: 1) }
        #expect(bench.model.messages == 1)
        #expect(bench.model.asked == [0x0003_0002, 0x0003_0004, 0x0003_0046])
        #expect(bench.model.allViolations == [])
    }

    @Test func `a message ends at the tag the firmware does not know, and what was answered before it is good`() throws
    {
        let bench = Bench()
        bench.model.tags[0x0003_0002] = { [$0[0], 600_000_000] }
        bench.model.tags[0x0003_0004] = { [$0[0], 1_500_000_000] }
        var mailbox = bench.driver()
        try mailbox.begin()
        let now = mailbox.append(.clockRate, [FirmwareClock.arm.rawValue], capacity: 2)
        let unknown = mailbox.append(.throttled, [0])
        let most = mailbox.append(.maximumClockRate, [FirmwareClock.arm.rawValue], capacity: 2)
        try mailbox.exchange()
        let rate = try mailbox.value(now, 1, words: 2)
        #expect(rate == 600_000_000)
        #expect(throws: DeviceError.unsupported("")) { try mailbox.value(unknown, 0, words: 1) }
        #expect(throws: DeviceError.unsupported("")) { try mailbox.value(most, 1, words: 2) }
        #expect(bench.model.asked == [0x0003_0002, 0x0003_0046])
    }

    // MARK: - Calls

    @Test func `identity calls decode their answers`() throws {
        let bench = Bench()
        bench.model.tags[0x0001_0003] = { _ in [0x4332_A6DC, 0x0000_2211] }
        bench.model.tags[0x0001_0005] = { _ in [0, 0x3C00_0000] }
        bench.model.tags[0x0001_0006] = { _ in [0x3C00_0000, 0x0400_0000] }
        bench.model.tags[0x0006_0001] = { _ in [0x3C] }
        var mailbox = bench.driver()
        let address = try mailbox.macAddress()
        #expect(address.indices.map { address[$0] } == [0xDC, 0xA6, 0x32, 0x43, 0x11, 0x22])
        let (arm, videoCore) = (try mailbox.armMemory(), try mailbox.videoCoreMemory())
        #expect(arm == 0..<0x3C00_0000 && videoCore == 0x3C00_0000..<0x4000_0000)
        let channels = try mailbox.dmaChannels()
        #expect(channels == 0x3C)
    }

    @Test(
        arguments: [
            (0xA0_3111, .pi4B, 1 << 30, 1), (0xB0_3115, .pi4B, 2 << 30, 5), (0xC0_3112, .pi4B, 4 << 30, 2),
            (0xD0_3114, .pi4B, 8 << 30, 4), (0xC0_3130, .pi400, 4 << 30, 0), (0xB0_3140, .computeModule4, 2 << 30, 0),
        ] as [(UInt32, BoardRevision.Model, UInt64, UInt32)])
    func `board revisions are decoded`(code: UInt32, model: BoardRevision.Model, memory: UInt64, minor: UInt32) {
        let revision = BoardRevision(rawValue: code)
        #expect(revision.model == model && revision.memorySize == memory && revision.minor == minor)
        #expect(revision.hasBCM2711)
    }

    @Test(arguments: [0x0E, 0x0000_0010, 0xF0_3111, 0xA0_20D3] as [UInt32])
    func `revision codes of other boards name no model or size they have not`(code: UInt32) {
        let revision = BoardRevision(rawValue: code)
        #expect(revision.model == nil || revision.memorySize == nil)
    }

    @Test func `clocks, power and temperature`() throws {
        let bench = Bench()
        bench.model.tags[0x0003_0002] = { [$0[0], $0[0] == 12 ? 100_000_000 : 0] }
        bench.model.tags[0x0003_8002] = { [$0[0], $0[1]] }
        // Every state but 0 is on, bit 1 included, which asks for waiting.
        bench.model.tags[0x0002_8001] = { [$0[0], $0[0] == 3 ? ($0[1] != 0 ? 1 : 0) : 2] }
        bench.model.tags[0x0003_0006] = { [$0[0], 48_686] }
        bench.model.tags[0x0003_0046] = { _ in [0x5_0005] }
        var mailbox = bench.driver()
        let rate = try mailbox.clockRate(.emmc2)
        #expect(rate == 100_000_000)
        #expect(throws: DeviceError.absent) { try mailbox.clockRate(.pwm) }
        let set = try mailbox.setClockRate(.arm, to: 1_500_000_000)
        #expect(set == 1_500_000_000)
        let isOn = try mailbox.setPower(.usb, isOn: true)
        let isOff = try !mailbox.setPower(.usb, isOn: false)
        #expect(isOn && isOff)
        #expect(throws: DeviceError.absent) { try mailbox.setPower(.sdCard, isOn: true) }
        let temperature = try mailbox.temperature()
        #expect(temperature == 48_686)
        let status = try mailbox.throttleStatus()
        #expect(status == [.underVoltage, .throttled, .underVoltageOccurred, .throttledOccurred])
    }

    @Test func `an answer about another clock is invalid`() {
        let bench = Bench()
        bench.model.tags[0x0003_0002] = { _ in [4, 500_000_000] }
        var mailbox = bench.driver()
        #expect(throws: DeviceError.invalid("")) { try mailbox.clockRate(.uart) }
    }

    @Test func `expander lines are numbered from 128, and a status other than 0 is an error`() throws {
        let bench = Bench()
        var lines: [UInt32: UInt32] = [:]
        bench.model.tags[0x0003_8041] = { request in
            lines[request[0]] = request[1]
            return [request[0] < 136 ? 0 : 1]
        }
        bench.model.tags[0x0003_0041] = { [$0[0] == 132 ? 0 : 3, 1] }
        var mailbox = bench.driver()
        try mailbox.setLevel(true, of: .sdPowerOn)
        #expect(lines == [134: 1])
        let isHigh = try mailbox.isHigh(.sdSignalling1V8)
        #expect(isHigh)
        #expect(throws: DeviceError.invalid("")) { try mailbox.isHigh(.camera) }
    }

    @Test(arguments: [0, 1, 4, 5, 30])
    func `the command line is copied, as far as it fits`(length: Int) throws {
        let bench = Bench(size: 1024)
        let line = Array("console=ttyS0 quiet crash=halt".utf8.prefix(length))
        bench.model.tags[0x0005_0001] = { _ in
            stride(from: 0, to: line.count, by: 4).map { start in
                (start..<min(start + 4, line.count)).reversed().reduce(0) { $0 << 8 | UInt32(line[$1]) }
            }
        }
        bench.model.claimedLength[0x0005_0001] = UInt32(length)
        var mailbox = bench.driver()
        var buffer = [UInt8](repeating: 0xEE, count: 20)
        var span = buffer.mutableSpan
        var bytes = unsafe span.mutableBytes
        let taken = try mailbox.commandLine(into: &bytes)
        #expect(taken == min(length, 20))
        #expect(Array(buffer.prefix(taken)) == Array(line.prefix(20)))
        #expect(bench.model.allViolations == [])
    }

    @Test func `reboot calls reach the firmware`() throws {
        let bench = Bench()
        var flags: UInt32 = 0
        bench.model.tags[0x0003_0048] = { _ in [] }
        bench.model.tags[0x0003_8064] = { request in
            flags = request[0]
            return request
        }
        bench.model.tags[0x0003_0064] = { _ in [flags] }
        var mailbox = bench.driver()
        try mailbox.setRebootFlags(1)
        try mailbox.notifyReboot()
        let read = try mailbox.rebootFlags()
        #expect(read == 1 && bench.model.asked == [0x0003_8064, 0x0003_0048, 0x0003_0064])
    }

    @Test(arguments: [0x4000_0000, 0x20_0020] as [UInt64])
    func `memory the VideoCore cannot reach is refused`(address: UInt64) async {
        await #expect(processExitsWith: .failure) { [address] in
            let clock = VirtualClock()
            let memory = CoherentMemoryModel(count: 64, at: address)
            _ = Mailbox(MailboxModel(clock, memory: memory), time: clock, memory: memory)
        }
    }
}
