import Interfaces
import Models
import PL011
import Testing

@Suite struct PL011Tests {
    typealias Port = BufferedSerialPort<PL011<PL011Model>, 64, 128>

    private func configured(
        _ flavour: PL011Model.Flavour = .board, clockRate: Double = 48_000_000
    ) throws -> (VirtualClock, PL011Model, PL011<PL011Model>) {
        let clock = VirtualClock()
        let model = PL011Model(clock, flavour: flavour, clockRate: clockRate)
        let uart = PL011(model)
        try uart.configure(baud: 115_200, clockRate: UInt32(clockRate), time: clock)
        // The firmware's last words.
        clock.advance(by: .milliseconds(4))
        return (clock, model, uart)
    }

    /// Lets time pass in small steps and serves the interrupt whenever its line is up.
    private func run(_ port: inout Port, _ model: PL011Model, _ clock: VirtualClock, _ duration: Interval)
        -> SerialInterrupts
    {
        var events: SerialInterrupts = []
        let end = clock.now + duration
        while clock.now < end {
            clock.advance(by: .microseconds(20))
            if model.isInterrupting { events.formUnion(port.handleInterrupt()) }
        }
        return events
    }

    // The table of the divisors at 48 MHz, and the clocks that QEMU and other firmware settings report.
    @Test(
        arguments: [
            (9600, 48_000_000, 312, 32, false), (115_200, 48_000_000, 26, 3, false),
            (230_400, 48_000_000, 13, 1, false),
            (921_600, 48_000_000, 3, 16, false), (1_000_000, 48_000_000, 3, 0, false),
            (3_000_000, 48_000_000, 1, 0, false), (115_200, 3_000_000, 1, 40, false), (230_400, 3_000_000, 13, 1, true),
            (115_200, 0, 26, 3, true), (115_200, 1_000_000, 26, 3, true),
        ] as [(UInt32, UInt32, UInt32, UInt32, Bool)])
    func `the divisor is the nearest`(
        baud: UInt32, clockRate: UInt32, integer: UInt32, fraction: UInt32, assumes: Bool
    ) throws {
        let divisor = try #require(BaudDivisor(baud: baud, clockRate: clockRate))
        #expect(divisor.integer == integer)
        #expect(divisor.fraction == fraction)
        #expect(divisor.assumesStandardClock == assumes)
    }

    @Test(arguments: [0, 3_100_000, 40, .max] as [UInt32])
    func `a baud rate that no clock gives is unsupported`(baud: UInt32) {
        let clock = VirtualClock()
        let uart = PL011(PL011Model(clock))
        #expect(throws: DeviceError.unsupported("")) {
            try uart.configure(baud: baud, clockRate: 48_000_000, time: clock)
        }
    }

    @Test(arguments: [115_200, 9600, 921_600] as [Double])
    func `what the firmware is sending is sent, whatever its rate, and then what is written`(baud: Double) throws {
        let clock = VirtualClock()
        let model = PL011Model(clock, firmwareBaud: baud)
        let uart = PL011(model)
        try uart.configure(baud: 115_200, clockRate: 48_000_000, time: clock)
        for byte in pattern(40) { #expect(uart.writePolled(byte)) }
        #expect(uart.drainPolled())
        clock.advance(by: .milliseconds(1))
        #expect(model.sentByFirmware == 33 && model.sent == pattern(40))
        #expect(!model.isWedged && model.violations == [])
        #expect(abs(model.baud - 115_200) < 115_200 * 0.01)
    }

    @Test func `a UART that is as it should be is not turned off`() throws {
        let clock = VirtualClock()
        let model = PL011Model(clock)
        try PL011(model).configure(baud: 115_200, clockRate: 48_000_000, time: clock)
        // At once: nothing had to be waited for.
        #expect(model.sentByFirmware < 2 && clock.now < Instant(nanoseconds: 1_000_000))
        #expect(model.violations == [])
    }

    @Test func `what was received before is thrown away, even if it never ends`() throws {
        let clock = VirtualClock()
        let model = PL011Model(clock)
        for byte in pattern(20) { model.receive(byte) }
        let uart = PL011(model)
        try uart.configure(baud: 115_200, clockRate: 48_000_000, time: clock)
        #expect(uart.receive() == nil && !model.isInterrupting)
    }

    @Test(
        arguments: [{ $0.write(0x300, at: 0x30) }, { $0.clockRate = 0 }, { $0.clockRate = 9_216_000 }]
            as [@Sendable (PL011Model) -> Void])
    func `a UART that loses its clock or is turned off in the middle of a byte sends nothing again`(
        _ disturb: @Sendable (PL011Model) -> Void
    ) throws {
        let clock = VirtualClock()
        let model = PL011Model(clock)
        disturb(model)
        let uart = PL011(model)
        model.clockRate = 48_000_000
        try uart.configure(baud: 115_200, clockRate: 48_000_000, time: clock)
        #expect(model.isWedged && !uart.writePolled(1, spins: 1000) && model.sent == [])
        #expect(clock.now < Instant(nanoseconds: 60_000_000))
    }

    @Test func `a transmitter that stays busy does not hold up configuration`() throws {
        let clock = VirtualClock()
        let model = PL011Model(clock, firmwareBaud: 9600)
        let uart = PL011(model)
        model.isStuck = true
        try uart.configure(baud: 115_200, clockRate: 48_000_000, time: clock)
        #expect(clock.now < Instant(nanoseconds: 60_000_000))
    }

    @Test func `polled bytes arrive without interrupts`() throws {
        let (clock, model, uart) = try configured()
        let bytes = pattern(100)
        for byte in bytes { #expect(uart.writePolled(byte)) }
        #expect(uart.drainPolled())
        clock.advance(by: .milliseconds(1))
        #expect(model.sent == bytes)
        #expect(model.violations == [])
    }

    @Test func `a dead UART does not hold the polled path`() throws {
        let (_, model, uart) = try configured()
        model.isStuck = true
        let results = (0..<40).map { uart.writePolled(UInt8($0), spins: 1000) }
        #expect(results.last == false)
        #expect(uart.drainPolled(spins: 1000) == false)
        #expect(model.violations == [])
    }

    @Test(arguments: [PL011Model.Flavour.board, .qemu])
    func `more than the FIFO holds is sent by interrupts, in order`(flavour: PL011Model.Flavour) throws {
        let (clock, model, uart) = try configured(flavour)
        var port = Port(uart)
        let bytes = pattern(150)
        let taken = port.write(bytes)
        #expect(taken == 150)
        _ = run(&port, model, clock, .milliseconds(20))
        #expect(model.sent == bytes)
        let sent = port.statistics.sent
        #expect(sent == 150)
        #expect(model.isInterrupting == false)
        #expect(model.violations == [])
    }

    @Test func `a full transmit ring takes what fits, and wakes the writer`() throws {
        let (clock, model, uart) = try configured()
        var port = Port(uart)
        let bytes = pattern(300)
        let taken = port.write(bytes)
        // Ring, FIFO and shifter.
        #expect(taken >= 128 + 32 && taken < 300)
        let events = run(&port, model, clock, .milliseconds(5))
        #expect(events.contains(.transmit))
        let rest = port.write(Array(bytes[taken...]))
        #expect(rest > 0)
        _ = run(&port, model, clock, .milliseconds(40))
        #expect(model.sent == Array(bytes[..<(taken + rest)]))
        port.countTransmitDropped(3)
        let dropped = port.statistics.transmitDropped
        #expect(dropped == 3)
    }

    @Test(arguments: [PL011Model.Flavour.board, .qemu], [1, 5, 15, 16, 17, 40])
    func `every received byte reaches the reader, the last ones too`(flavour: PL011Model.Flavour, count: Int) throws {
        let (clock, model, uart) = try configured(flavour)
        var port = Port(uart)
        let bytes = pattern(count)
        for byte in bytes {
            model.receive(byte)
            let events = run(&port, model, clock, .microseconds(87))
            _ = events
        }
        _ = run(&port, model, clock, .milliseconds(1))
        let received = port.read(64)
        #expect(received == bytes)
        let statistics = port.statistics
        #expect(statistics.received == UInt64(count))
        #expect(statistics.overruns == 0)
    }

    @Test(arguments: [PL011Model.Flavour.board, .qemu])
    func `bytes that one interrupt leaves in the FIFO are reported by the next`(flavour: PL011Model.Flavour) throws {
        let (_, model, uart) = try configured(flavour)
        uart.enableInterrupts(.receive)
        for byte in 0..<16 { model.receive(UInt8(byte)) }
        #expect(uart.takeInterrupts() == .receive)
        #expect(uart.takeInterrupts() == .receive)
        while uart.receive() != nil {}
        #expect(uart.takeInterrupts() == [])
    }

    @Test func `line errors are counted, and bytes that they spoil are not handed on`() throws {
        let (clock, model, uart) = try configured()
        var port = Port(uart)
        model.receive(0x41)
        model.receive(0x42, errors: 1 << 8)  // framing
        model.receive(0x43, errors: 1 << 9)  // parity
        model.receive(0x00, errors: 1 << 10 | 1 << 8)  // break, which looks like a framing error as well
        model.receive(0x44)
        _ = run(&port, model, clock, .milliseconds(1))
        let received = port.read(64)
        #expect(received == [0x41, LostInput.mark, 0x44])
        let statistics = port.statistics
        #expect(statistics.framingErrors == 1 && statistics.parityErrors == 1 && statistics.breaks == 1)
    }

    @Test func `an overrun is counted, and its byte is good`() throws {
        let (clock, model, uart) = try configured()
        var port = Port(uart)
        for byte in 0..<33 { model.receive(UInt8(byte)) }
        _ = run(&port, model, clock, .milliseconds(1))
        model.receive(99)
        _ = run(&port, model, clock, .milliseconds(1))
        let received = port.read(64)
        #expect(received == Array(0..<32) + [LostInput.mark, 99])
        let overruns = port.statistics.overruns
        #expect(overruns == 1)
    }

    @Test func `another device's interrupt on the shared line is none of ours`() throws {
        let (_, model, uart) = try configured()
        var port = Port(uart)
        let events = port.handleInterrupt()
        #expect(events == [])
        #expect(model.violations == [])
    }

    @Test func `flush sends everything with interrupts masked`() throws {
        let (clock, model, uart) = try configured()
        var port = Port(uart)
        let bytes = pattern(120)
        _ = port.write(bytes)
        let isDone = port.flush(within: .milliseconds(50), on: clock)
        #expect(isDone)
        #expect(model.sent == bytes)
    }

    @Test func `flush gives up on a dead UART`() throws {
        let (clock, model, uart) = try configured()
        var port = Port(uart)
        model.isStuck = true
        _ = port.write(pattern(120))
        let start = clock.now
        let isDone = port.flush(within: .milliseconds(50), on: clock)
        #expect(isDone == false)
        #expect(clock.now - start < .milliseconds(60))
    }

    @Test func `an absent UART is noticed by a probe`() {
        #expect(PL011(AbsentBus()).isPresent == false)
        #expect(PL011(PL011Model(VirtualClock())).isPresent)
    }
}
