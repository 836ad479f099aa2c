import Interfaces
import Models
import Testing
import USB

/// Pipes: refusals, silence, lost transactions, and what happens while one is being closed.
@Suite struct PipeTests {
    /// A device with a bulk endpoint each way that answers from a list, and afterwards nothing but NAK.
    private final class Scripted: USBFunctionModel {
        var answers: [USBAnswer] = []
        var taken: [[UInt8]] = []

        init(speed: UInt32) {
            let size = Self.bytes(speed == 0 ? 512 : 64)
            let interface: [UInt8] =
                [9, 4, 0, 0, 2, 0xFF, 0, 0x43, 0] + [7, 5, 0x81, 2] + size + [0] + [7, 5, 0x02, 2] + size + [0]
            super.init(
                speed: speed, device: Self.descriptor(), configurations: [Self.configuration(interfaces: 1, interface)])
        }

        override func input(_ number: UInt8, _ size: Int) -> USBAnswer {
            answers.isEmpty ? .nak : answers.removeFirst()
        }

        override func output(_ number: UInt8, _ data: [UInt8]) -> USBAnswer {
            if case .nak? = answers.first {
                answers.removeFirst()
                return .nak
            }
            taken.append(data)
            return .ack
        }
    }

    /// A bench with `device` at the root port, a pipe from it and one to it.
    private func open(
        _ device: Scripted, hub: HubModel? = nil
    ) throws -> (bench: USBBench, input: USBPipe, output: USBPipe) {
        let bench = USBBench()
        if let hub {
            hub.translator = bench.model.translator
            hub.plug(device, into: 1)
        }
        bench.model.plug(hub ?? device)
        try bench.controller.start()
        bench.run(milliseconds: 2000)
        let found = try #require(bench.bus.devices.last)
        let configuration = try #require(found.configurations.first)
        try found.configure(configuration)
        let pair = try #require(configuration.bulkPair(of: 0))
        return (
            bench, try bench.controller.openPipe(pair.input, of: found.target) {},
            try bench.controller.openPipe(pair.output, of: found.target) {}
        )
    }

    /// Looks at `pipe`, as a task does that was woken, until a transfer has ended or `milliseconds` have passed.
    private func end(_ bench: USBBench, _ pipe: USBPipe, milliseconds: UInt64 = 200) -> USBCompletion? {
        for _ in 0..<milliseconds {
            if let end = bench.controller.nextCompletion(of: pipe) { return end }
            _ = bench.controller.arm(pipe)
            bench.clock.advance(by: .milliseconds(1))
        }
        return nil
    }

    private static let place: UInt64 = 0x50_0000

    @Test func `refusals before it do not hide that a device does not answer`() throws {
        let device = Scripted(speed: 1)
        let (bench, input, _) = try open(device)
        device.answers = (0..<20).flatMap { _ in [.nak, .nak, .silence] }
        try bench.controller.submit(input, at: Self.place, count: 512, tag: 7)
        #expect(end(bench, input) == USBCompletion(tag: 7, count: 0, error: .noAnswer))
        #expect(device.answers.count == 60 - 9)
        #expect(bench.violations == [])
    }

    @Test func `errors that packets come between are none in a row`() throws {
        let device = Scripted(speed: 1)
        let (bench, input, _) = try open(device)
        let packet = [UInt8](repeating: 3, count: 64)
        device.answers = (0..<6).flatMap { _ in [.silence, .silence, .data(packet)] } + [.data([1])]
        try bench.controller.submit(input, at: Self.place, count: 512, tag: 1)
        #expect(end(bench, input) == USBCompletion(tag: 1, count: 6 * 64 + 1))
        #expect(bench.violations == [])
    }

    @Test func `what came before a refusal for good is told of`() throws {
        let device = Scripted(speed: 1)
        let (bench, input, _) = try open(device)
        device.answers = .init(repeating: .data([UInt8](repeating: 3, count: 64)), count: 3) + [.stall]
        try bench.controller.submit(input, at: Self.place, count: 512, tag: 1)
        #expect(end(bench, input) == USBCompletion(tag: 1, count: 192, error: .stalled))
    }

    @Test func `a device that refuses for long is asked at its ease, and then served`() throws {
        let device = Scripted(speed: 1)
        let (bench, _, output) = try open(device)
        device.answers = .init(repeating: .nak, count: 200)
        let before = bench.model.packets
        try bench.controller.submit(output, at: Self.place, count: 10, tag: 1)
        for _ in 0..<2000 {
            #expect(bench.controller.nextCompletion(of: output) == nil)
            bench.clock.advance(by: .microseconds(10))
        }
        #expect(bench.model.packets - before < 100)
        device.answers = []
        #expect(end(bench, output) == USBCompletion(tag: 1, count: 10))
        #expect(device.taken.count == 1)
    }

    @Test func `what is behind a hub that translates is asked a thousand times a second at most`() throws {
        let device = Scripted(speed: 1)
        let (bench, input, _) = try open(device, hub: HubModel(speed: 0, ports: 2))
        try bench.controller.submit(input, at: Self.place, count: 64, tag: 1)
        let before = bench.model.translator.starts
        for _ in 0..<20_000 {
            _ = bench.controller.nextCompletion(of: input)
            _ = bench.controller.arm(input)
            bench.clock.advance(by: .microseconds(50))
        }
        #expect(bench.model.translator.starts - before < 1000)
        let raised = bench.model.interruptsRaised
        bench.clock.advance(by: .seconds(1))
        #expect(bench.model.interruptsRaised - raised < 20)
        device.answers = [.data([1, 2, 3])]
        #expect(end(bench, input) == USBCompletion(tag: 1, count: 3))
        #expect(bench.violations == [])
    }

    @Test func `nobody starts a channel that is being stopped`() throws {
        for isClosed in [true, false] {
            let device = Scripted(speed: 0)
            let (bench, input, output) = try open(device)
            for tag: UInt16 in 0..<4 { try bench.controller.submit(input, at: Self.place, count: 512, tag: tag) }
            bench.clock.advance(by: .milliseconds(1))
            var looks = 0
            // What another task does meanwhile, before the hardware has stopped and after.
            bench.model.whileStopping = { [unowned bench] in
                looks += 1
                #expect(bench.controller.nextCompletion(of: input) == nil)
                #expect(bench.controller.transferRoom(of: input) == 0)
                #expect(throws: USBError.self) {
                    try bench.controller.submit(input, at: Self.place, count: 512, tag: 9)
                }
                #expect(bench.controller.arm(input))
                bench.controller.clear(input)
                bench.controller.revive(input)
            }
            if isClosed { bench.controller.closePipe(input) } else { bench.controller.cancel(input) }
            #expect(looks >= 2)
            bench.model.whileStopping = nil
            let packets = bench.model.packets
            device.answers = [.data([1])]
            bench.clock.advance(by: .milliseconds(50))
            #expect(bench.model.packets == packets)
            #expect(bench.controller.nextCompletion(of: input) == nil)
            if !isClosed {
                bench.controller.clear(input)
                try bench.controller.submit(input, at: Self.place, count: 512, tag: 5)
                #expect(end(bench, input) == USBCompletion(tag: 5, count: 1))
            }
            bench.controller.closePipe(output)
            #expect(bench.violations == [])
        }
    }

    @Test func `a pipe that was closed leads nowhere, though its channel has another`() throws {
        let device = Scripted(speed: 0)
        let (bench, input, _) = try open(device)
        let found = bench.bus.devices[0]
        bench.controller.closePipe(input)
        let endpoint = try #require(found.configurations[0].bulkPair(of: 0)).input
        let other = try bench.controller.openPipe(endpoint, of: found.target) {}
        #expect(other.number == input.number && other != input)
        device.answers = [.data([4])]
        try bench.controller.submit(other, at: Self.place, count: 512, tag: 3)
        bench.clock.advance(by: .milliseconds(1))
        #expect(bench.controller.nextCompletion(of: input) == nil)
        #expect(throws: USBError.disconnected) {
            try bench.controller.submit(input, at: Self.place, count: 512, tag: 1)
        }
        bench.controller.closePipe(input)
        #expect(bench.controller.nextCompletion(of: other) == USBCompletion(tag: 3, count: 1))
    }

    @Test(arguments: [false, true]) func `a lost transaction ends no pipe`(isBehindHub: Bool) throws {
        let device = Scripted(speed: 1)
        let (bench, input, output) = try open(device, hub: isBehindHub ? HubModel(speed: 0, ports: 2) : nil)
        for round in 0..<4 {
            for (pipe, tag) in [(input, UInt16(1)), (output, 2)] {
                bench.model.lostPackets = 1
                try bench.controller.submit(pipe, at: Self.place, count: 64, tag: tag)
                var ended: USBCompletion?
                for _ in 0..<50 where ended == nil {
                    if pipe == input { device.answers = [.data([UInt8(round)])] }
                    ended = end(bench, pipe, milliseconds: 100)
                    bench.controller.revive(pipe)
                }
                #expect(ended == USBCompletion(tag: tag, count: tag == 1 ? 1 : 64))
            }
        }
        #expect(bench.controller.revivals == 8)
        // One that only waits is left alone.
        device.answers = []
        try bench.controller.submit(input, at: Self.place, count: 64, tag: 1)
        for _ in 0..<100 {
            _ = end(bench, input, milliseconds: 100)
            bench.controller.revive(input)
        }
        #expect(bench.controller.revivals == 8)
        #expect(bench.violations == [])
    }

    @Test func `the buffers of a hub that translates are given back, wherever a plug is pulled`() throws {
        for last in 1...24 {
            let device = Scripted(speed: 1)
            let hub = HubModel(speed: 0, ports: 2)
            let (bench, input, output) = try open(device, hub: hub)
            let target = bench.model.packets + last
            bench.model.beforePacket = { number in if number == target { hub.unplug(1) } }
            let content = [UInt8](repeating: 1, count: 64)
            device.answers = .init(repeating: .data(content), count: 20)
            for tag: UInt16 in 0..<4 {
                try bench.controller.submit(input, at: Self.place, count: 64, tag: tag)
                try bench.controller.submit(output, at: Self.place, count: 64, tag: tag)
            }
            for _ in 0..<40 {
                _ = bench.controller.nextCompletion(of: input)
                _ = bench.controller.nextCompletion(of: output)
                bench.clock.advance(by: .microseconds(100))
            }
            bench.controller.closePipe(input)
            bench.controller.closePipe(output)
            bench.model.beforePacket = nil
            bench.run(milliseconds: 500)
            #expect(bench.model.translator.buffersInUse(of: 1) == 0, "at packet \(last)")
            #expect(bench.violations == [])
        }
    }
}
