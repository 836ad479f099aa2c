import Interfaces
import MiniUART
import Models
import Testing

@Suite struct MiniUARTTests {
    private func configured() throws -> (VirtualClock, MiniUARTModel, MiniUART<MiniUARTModel>) {
        let clock = VirtualClock()
        let model = MiniUARTModel(clock, enables: 0b100)
        let uart = MiniUART(model)
        try uart.configure(baud: 115_200, clockRate: 500_000_000, time: clock)
        return (clock, model, uart)
    }

    @Test(
        arguments: [(500_000_000, 542), (250_000_000, 270), (200_000_000, 216), (350_000_000, 379)]
            as [(UInt32, UInt32)])
    func `the divisor follows the core clock`(clockRate: UInt32, divisor: UInt32) {
        #expect(MiniUART<AbsentBus>.divisor(baud: 115_200, clockRate: clockRate) == divisor)
    }

    @Test(
        arguments: [(115_200, 0), (0, 500_000_000), (100, 500_000_000), (100_000_000, 500_000_000)]
            as [(UInt32, UInt32)])
    func `a rate that does not fit is unsupported`(baud: UInt32, clockRate: UInt32) {
        #expect(throws: DeviceError.unsupported("")) {
            let clock = VirtualClock()
            try MiniUART(MiniUARTModel(clock)).configure(baud: baud, clockRate: clockRate, time: clock)
        }
    }

    @Test func `configuration turns it on, beside its neighbour, with eight bits`() throws {
        let (_, model, _) = try configured()
        #expect(model.enables == 0b101)
        #expect(model.dataBits == 8)
        #expect(model.divisor == 542)
        #expect(model.violations == [])
    }

    @Test func `what the firmware is sending is sent, and then what is written`() throws {
        let clock = VirtualClock()
        let model = MiniUARTModel(clock, enables: 1)
        let uart = MiniUART(model)
        try uart.configure(baud: 115_200, clockRate: 500_000_000, time: clock)
        for byte in pattern(20) { #expect(uart.writePolled(byte)) }
        clock.advance(by: .milliseconds(2))
        #expect(model.sentByFirmware == 9 && model.sent == pattern(20) && !model.isWedged)
    }

    @Test func `queued bytes are sent by interrupts, and received ones read`() throws {
        let (clock, model, uart) = try configured()
        // So large that nobody is asked to wait.
        var port = BufferedSerialPort<MiniUART<MiniUARTModel>, 256, 128>(uart)
        let bytes = pattern(100)
        let taken = port.write(bytes)
        #expect(taken == 100)
        for index in 0..<2000 {
            clock.advance(by: .microseconds(20))
            if index % 100 == 0 { model.receive(UInt8(index / 100)) }
            if model.isInterrupting { _ = port.handleInterrupt() }
        }
        #expect(model.sent == bytes)
        let received = port.read(64)
        #expect(received == Array(0..<20))
        #expect(model.isInterrupting == false)
        #expect(model.violations == [])
    }

    @Test func `an overrun is counted although a transmission asks the status in between`() throws {
        let (_, model, uart) = try configured()
        var port = BufferedSerialPort<MiniUART<MiniUARTModel>, 64, 128>(uart)
        for byte in 0..<9 { model.receive(UInt8(byte)) }
        _ = port.write([1, 2, 3])
        _ = port.handleInterrupt()
        let overruns = port.statistics.overruns
        #expect(overruns == 1)
    }
}
