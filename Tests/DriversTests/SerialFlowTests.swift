import Interfaces
import Models
import PL011
import Testing

/// A sender that is faster than the reader.
@Suite struct SerialFlowTests {
    private static let xon: UInt8 = 0x11
    private static let xoff: UInt8 = 0x13

    private func uart(
        _ flavour: PL011Model.Flavour = .board
    ) throws -> (VirtualClock, PL011Model, PL011<PL011Model>) {
        let clock = VirtualClock()
        let model = PL011Model(clock, flavour: flavour)
        let uart = PL011(model)
        try uart.configure(baud: 115_200, clockRate: 48_000_000, time: clock)
        clock.advance(by: .milliseconds(4))
        return (clock, model, uart)
    }

    @Test func `a sender that stops at XOFF loses nothing, whatever its adapter has on the way`() throws {
        let (clock, model, uart) = try uart()
        var port = BufferedSerialPort<PL011<PL011Model>, 8192, 128>(uart)
        // No mark, and none of the bytes of flow control.
        let bytes = (0..<20_000).map { UInt8(0x20 + $0 % 90) }
        var (sent, seen, inFlight) = (0, 0, 0)
        var isHeldBack = false
        var received: [UInt8] = []
        var turn = 0
        while received.count < bytes.count, turn < 2_000_000 {
            turn += 1
            while seen < model.sent.count {
                isHeldBack = model.sent[seen] == Self.xoff
                // 4 KiB in a queue of the sender's, 512 bytes in the adapter.
                inFlight = isHeldBack ? inFlight : 4608
                seen += 1
            }
            if sent < bytes.count, !isHeldBack || inFlight > 0 {
                if isHeldBack { inFlight -= 1 }
                model.receive(bytes[sent])
                sent += 1
            }
            clock.advance(by: .microseconds(87))
            if model.isInterrupting { _ = port.handleInterrupt() }
            // A reader at a tenth of the line's pace.
            if turn % 10 == 0 { received += port.read(1) }
        }
        #expect(received == bytes)
        #expect(model.sent.contains(Self.xoff) && model.sent.contains(Self.xon))
        let statistics = port.statistics
        #expect(statistics.overruns == 0 && statistics.receiveDropped == 0)
    }

    @Test(arguments: [PL011Model.Flavour.board, .qemu])
    func `a full ring leaves the FIFO to hold the sender back`(_ flavour: PL011Model.Flavour) throws {
        let (clock, model, uart) = try uart(flavour)
        var port = BufferedSerialPort<PL011<PL011Model>, 64, 128>(uart)
        let bytes = (0..<74).map { UInt8(0x20 + $0) }
        for byte in bytes {
            model.receive(byte)
            clock.advance(by: .microseconds(87))
            if model.isInterrupting { _ = port.handleInterrupt() }
        }
        // An interrupt that nobody can serve would keep the processor for itself.
        #expect(!model.isInterrupting)
        var received: [UInt8] = []
        for _ in 0..<20 {
            received += port.read(10)
            if model.isInterrupting { _ = port.handleInterrupt() }
        }
        #expect(received == bytes)
    }

    @Test func `what is lost leaves one mark in its place`() throws {
        let (clock, model, uart) = try uart()
        var port = BufferedSerialPort<PL011<PL011Model>, 64, 128>(uart)
        let bytes = (0..<120).map { UInt8(0x20 + $0 % 90) }
        for byte in bytes {
            model.receive(byte)
            clock.advance(by: .microseconds(87))
            if model.isInterrupting { _ = port.handleInterrupt() }
        }
        var received = port.read(64)
        model.receive(0x7A)
        received += port.read(64)
        clock.advance(by: .milliseconds(1))
        if model.isInterrupting { _ = port.handleInterrupt() }
        received += port.read(64)
        let kept = received.firstIndex(of: LostInput.mark) ?? 0
        #expect(kept >= 64 && Array(received[..<kept]) == Array(bytes[..<kept]))
        #expect(Array(received[kept...]) == [LostInput.mark, 0x7A])
    }

    @Test func `what comes by another way and has no room leaves a mark, too`() throws {
        let (_, _, uart) = try uart()
        var port = BufferedSerialPort<PL011<PL011Model>, 64, 128>(uart)
        var kept = 0
        for _ in 0..<100 { if port.insert(0x41) { kept += 1 } }
        let received = port.read(100)
        #expect(kept < 100 && received == Array(repeating: 0x41, count: kept) + [LostInput.mark])
        let dropped = port.statistics.receiveDropped
        #expect(dropped == UInt64(100 - kept))
    }
}
