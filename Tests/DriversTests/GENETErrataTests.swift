import GENET
import Interfaces
import Models
import Testing

/// The errata of the hardware notes ("GENET v5", section 14), each with what the driver does about it. E13 is about memory that the
/// board maps as a device's, where unaligned loads fault: `Memory.allocateDeviceMemory` maps it as normal memory, and `Reflect` in QEMU
/// reads frames two bytes off any alignment; nothing on this machine can fault there.
@Suite struct GENETErrataTests {
    private static let transmitStatus = 0x4000

    @Test func `E1: what a network boot left in the FIFO is flushed and never handed up`() throws {
        let bench = try GENETBench.linked(isNetbooted: true)
        bench.model.receive(GENETBench.frame(100))
        #expect(bench.take() == [GENETBench.frame(100)])
        #expect(bench.device.statistics.receiveDrops == 0 && bench.violations == [])
    }

    @Test(arguments: [0x2000, 0x4000])
    func `E2: indices that will not be zero are read back, and counters and pointers follow them`(base: Int) throws {
        let bench = GENETBench(isNetbooted: true)
        let left = bench.model.read(base + 0x1008) & 0xFFFF
        #expect(left != 0)
        try bench.device.start()
        #expect(bench.model.read(base + 0x1008) & 0xFFFF == left && bench.model.read(base + 0x100C) == left)
        for pointer in [0x1000, 0x102C] { #expect(bench.model.read(base + pointer) == (left & 0xFF) * 3) }
    }

    @Test(arguments: [14, 60, 1518])
    func `E3: the first buffer holds the status block and the whole frame`(length: Int) throws {
        let bench = try GENETBench.linked()
        try bench.send(GENETBench.frame(length))
        let status = bench.model.read(Self.transmitStatus)
        #expect(status & 0x6000 == 0x6000 && status >> 16 & 0xFFF == UInt32(64 + max(length, 60)))
    }

    @Test func `E4: discards in the upper half of the index are no frames, and the lower half wraps`() throws {
        let bench = try GENETBench.linked(isNetbooted: true)
        for round in 0..<3 {
            for number in 0..<300 { bench.model.receive(GENETBench.shortFrame(number)) }
            #expect(bench.model.read(0x3008) >> 16 != 0)
            #expect(bench.take() == (0..<256).map { GENETBench.shortFrame($0) })
            #expect(bench.take() == [] && bench.device.statistics.ringFull == UInt64(44 * (round + 1)))
        }
        #expect(bench.device.statistics.restarts == 0)
    }

    @Test func `E5: the MAC saves no energy, whatever it was told before`() throws {
        let bench = GENETBench()
        for (register, bits) in [(0x39C, 3), (0x614, 3), (0x864, 8)] as [(Int, UInt32)] {
            bench.model.write(bench.model.read(register) | bits, at: register)
        }
        try bench.device.start()
        #expect(
            bench.model.read(0x39C) & 3 == 0 && bench.model.read(0x614) & 3 == 0 && bench.model.read(0x864) & 8 == 0)
    }

    @Test func `E6: a link that comes late finds a transmitter that sends`() throws {
        let bench = GENETBench()
        try bench.device.start()
        bench.maintain(seconds: 20)
        #expect(bench.model.read(0x808) & 0x2003 == 0x2000)
        bench.model.phy.connect()
        bench.maintain(seconds: 4)
        try bench.send(GENETBench.frame(100))
        bench.clock.advance(by: .milliseconds(1))
        #expect(bench.model.sent == [GENETBench.frame(100)])
    }

    @Test func `E7: the PHY delays the receive clock, the MAC the transmit clock`() throws {
        let bench = try GENETBench.linked()
        #expect(bench.model.read(0x08C) & 1 << 16 == 0)
        #expect(bench.model.phy.delaysReceiveClock && !bench.model.phy.delaysTransmitClock)
    }

    @Test func `E8: both engines burst by 8`() throws {
        let bench = try GENETBench.linked()
        #expect(bench.model.read(0x304C) == 8 && bench.model.read(0x504C) == 8)
    }

    @Test func `E9: the link is found and lost without an interrupt for it`() throws {
        let bench = try GENETBench.linked()
        #expect(bench.device.arm([.receive, .transmit]) || bench.device.arm(.receive))
        // LINK_UP, LINK_DOWN and the PHY's stay masked.
        #expect(bench.model.read(0x20C) & 0x3E == 0x3E)
        #expect(bench.device.link.isUp)
        bench.model.phy.disconnect()
        bench.maintain(seconds: 2)
        #expect(!bench.device.link.isUp)
    }

    @Test func `E10: a transmitter that stands still is restarted after two seconds`() throws {
        let bench = try GENETBench.linked()
        bench.model.isTransmitterStuck = true
        try bench.send(GENETBench.frame(80))
        bench.maintain(seconds: 1)
        #expect(bench.device.statistics.restarts == 0)
        bench.maintain(seconds: 4)
        #expect(bench.device.statistics.restarts == 1 && bench.device.statistics.transmitAbandoned == 1)
    }

    @Test func `E11: no hardware filter is on, in either order of their registers`() throws {
        let bench = GENETBench()
        for register in stride(from: 0xFC00, to: 0xFC4C, by: 4) { bench.model.write(.max, at: register) }
        for register in stride(from: 0x30B0, to: 0x30D0, by: 4) { bench.model.write(.max, at: register) }
        try bench.device.start()
        for register in [0xFC00, 0xFC04, 0xFC08] + Array(stride(from: 0xFC1C, to: 0xFC4C, by: 4)) {
            #expect(bench.model.read(register) == 0, "\(register)")
        }
        for register in stride(from: 0x30B0, to: 0x30D0, by: 4) { #expect(bench.model.read(register) == 0) }
    }

    @Test(arguments: [0x3010, 0x5010])
    func `E12: a buffer is shorter than the 12 bits of a length can say`(register: Int) throws {
        let bench = try GENETBench.linked()
        let size = bench.model.read(register)
        #expect(size >> 16 == 256 && (64 + 1518 + 2..<4096).contains(Int(size & 0xFFFF)))
    }

    @Test func `E14: what was taken is masked and acknowledged, each by its own register`() throws {
        let bench = try GENETBench.linked()
        #expect(bench.device.arm(.receive))
        #expect(bench.model.read(0x20C) & 1 << 13 == 0)
        bench.model.receive(GENETBench.frame(100))
        bench.clock.advance(by: .milliseconds(1))
        #expect(bench.device.takeInterrupts() == .receive)
        #expect(bench.model.read(0x20C) & 1 << 13 != 0 && bench.model.read(0x200) & 1 << 13 == 0)
    }

    @Test func `E15: no descriptor ever names memory that is not ours`() throws {
        let bench = GENETBench()
        for register in stride(from: 0x2000, to: 0x2C00, by: 4) { bench.model.write(0xDEAD_BEEF, at: register) }
        for register in stride(from: 0x4000, to: 0x4C00, by: 4) { bench.model.write(0xDEAD_BEEF, at: register) }
        try bench.device.start()
        // The model complains when an engine starts with such a descriptor.
        #expect(bench.violations == [])
        for index in 0..<256 { #expect(bench.model.read(Self.transmitStatus + 12 * index) == 0x0200) }
    }
}
