import Interfaces
import Mailbox

/// The input says what is asked and what the firmware makes of the message: it answers late, never or twice, marks what it likes, and writes
/// over any of it. Whatever it does, a call returns or throws in bounded time, and what it returns can be true.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = Input(UnsafeBufferPointer(start: data, count: size))
    // The least that a mailbox takes, or the board's.
    let memory = MessageMemory(input.next() & 1 == 0 ? 64 : 512)
    defer { memory.bytes.deallocate() }
    var mailbox = Mailbox(Firmware(input, memory), time: HastyClock(), memory: memory)
    for _ in 0..<32 where !input.isEmpty { ask(&mailbox, input) }
    return 0
}

private typealias Driver = Mailbox<Firmware, HastyClock, MessageMemory>

private func ask(_ mailbox: inout Driver, _ input: Input) {
    do throws(DeviceError) {
        switch input.next() % 16 {
        case 0: _ = try mailbox.firmwareRevision()
        case 1: _ = try mailbox.boardRevision().memorySize
        case 2: _ = try mailbox.macAddress()
        case 3: _ = try mailbox.serialNumber()
        case 4:
            let range = try mailbox.armMemory()
            precondition(range.upperBound < 1 << 33)
        case 5: _ = try mailbox.videoCoreMemory()
        case 6: try askForCommandLine(&mailbox, input)
        case 7: try askAboutClock(&mailbox, input)
        case 8:
            let value = try mailbox.voltage(.core)
            precondition(value != 0 && value != 0x8000_0000)
        case 9: _ = try (mailbox.temperature(), mailbox.maximumTemperature(), mailbox.throttleStatus())
        case 10: _ = try mailbox.setPower(.sdCard, isOn: input.next() & 1 != 0)
        case 11: try mailbox.setLevel(input.next() & 1 != 0, of: .sdPowerOn)
        case 12: _ = try mailbox.isHigh(.sdSignalling1V8)
        case 13: try mailbox.notifyReboot()
        case 14: try mailbox.setRebootFlags(try mailbox.rebootFlags())
        default: try askSeveral(&mailbox, input)
        }
    } catch {
        // Each error names what it is about.
        switch error {
        case .absent: return
        case .timeout(let name), .invalid(let name), .unsupported(let name): precondition(name.utf8CodeUnitCount > 0)
        }
    }
}

private func askForCommandLine(_ mailbox: inout Driver, _ input: Input) throws(DeviceError) {
    let room = Int(input.next())
    var line = [UInt8](repeating: 0xA5, count: room + 1)
    var span = line.mutableSpan
    var bytes = span.mutableBytes
    var part = bytes._mutatingExtracting(first: room)
    let length = try mailbox.commandLine(into: &part)
    precondition(length <= room && line[room] == 0xA5)
}

private func askAboutClock(_ mailbox: inout Driver, _ input: Input) throws(DeviceError) {
    let clock = FirmwareClock(rawValue: UInt32(input.next()) % 12 + 1) ?? .emmc2
    let running = try mailbox.runningClockRate(clock)
    let set = try mailbox.setClockRate(clock, to: 50_000_000)
    let highest = try mailbox.maximumClockRate(clock)
    precondition(running != 0 && set != 0 && highest != 0)
}

/// Several tags in one message, the middle one of which nobody has to know.
private func askSeveral(_ mailbox: inout Driver, _ input: Input) throws(DeviceError) {
    guard mailbox.room >= 8 else { return }
    try mailbox.begin()
    let first = mailbox.append(.firmwareRevision, [0])
    let second = mailbox.append(PropertyTag(0x0003_00FF, "nobody's"), [1])
    let third = mailbox.room >= 1 ? mailbox.append(.dmaChannels, [0]) : second
    try mailbox.exchange()
    for answer in [first, second, third] {
        if let length = try? mailbox.answerLength(answer, least: 0) { precondition(length <= 4) }
        _ = try? mailbox.value(answer, 0, words: 1)
    }
}
