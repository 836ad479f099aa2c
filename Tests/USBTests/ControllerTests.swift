import DWC2
import Interfaces
import Models
import Testing
import USB

/// The controller itself.
@Suite struct ControllerTests {
    @Test func `without a controller there is none`() {
        #expect(!DWC2<AbsentBus, LateClock, CoherentArenaModel, LateEvent>.find(AbsentBus()) { true })
        let bench = USBBench()
        bench.model.identity = 0x1234_5678
        #expect(throws: USBError.absent) { try bench.controller.start() }
    }

    @Test func `no register is touched before the block has power, and none when it gets none`() {
        let clock = VirtualClock()
        let model = DWC2Model(clock, memories: [])
        #expect(!ModelController.find(model) { false })
        #expect(model.accesses == 0)
        let isThere = ModelController.find(model) {
            #expect(model.accesses == 0)
            model.switchOn()
            return true
        }
        #expect(isThere && !ModelController.isEmulated(model))
        #expect(model.violations == [])
    }

    @Test func `a core whose reset does not end is an error that names the bit`() throws {
        let bench = USBBench()
        bench.model.isResetStuck = true
        let error = #expect(throws: USBError.self) { try bench.controller.start() }
        guard case .timeout(let name) = try #require(error) else {
            Issue.record("not a timeout")
            return
        }
        #expect("\(name)" == "GRSTCTL.CSftRst")
    }

    @Test func `after the stop the hardware touches no memory`() throws {
        let device = AdapterModel()
        let bench = try USBBench.started(device)
        try bench.controller.stop()
        let packets = bench.model.packets
        device.waiting = [USBBench.frame(100)]
        bench.clock.advance(by: .seconds(1))
        #expect(bench.model.packets == packets)
        #expect(!bench.model.isInterrupting)
    }

    @Test func `packets take turns between DATA0 and DATA1`() throws {
        let device = AdapterModel()
        let bench = try USBBench.started(device)
        for number in 0..<5 {
            try bench.send(USBBench.frame(200 + 64 * number))
            bench.clock.advance(by: .milliseconds(5))
            _ = bench.adapter.transmitRoom
        }
        device.waiting = (0..<5).map { USBBench.frame(100 + 64 * $0) }
        #expect(bench.receive(5).count == 5)
        for (_, marks) in bench.model.marks {
            for (index, mark) in marks.enumerated() { #expect(mark == (index % 2 == 0 ? 0 : 2)) }
        }
        #expect(bench.model.marks.values.filter { $0.count > 5 }.count >= 2)
    }

    @Test func `a request that is refused says so, and the next one works`() throws {
        let bench = try USBBench.started(AdapterModel())
        let device = bench.bus.devices[0]
        #expect(throws: USBError.stalled) { try device.request(0x21, 0x77) }
        #expect(try device.string(2) == Array("adapter".utf8))
    }

    @Test func `a request that is never answered ends after two seconds`() throws {
        let model = AdapterModel()
        let bench = try USBBench.started(model)
        let device = bench.bus.devices[0]
        model.misbehaviour = .nak
        let start = bench.clock.now
        #expect(throws: USBError.timeout("")) { try device.string(2) }
        #expect(bench.clock.now - start < .seconds(3))
        model.misbehaviour = nil
        #expect(try device.string(2) == Array("adapter".utf8))
    }

    @Test func `pipes are as many as there are channels`() throws {
        let bench = try USBBench.started(AdapterModel())
        let device = bench.bus.devices[0]
        let endpoint = USBEndpoint(number: 3, isIn: true, transfer: .bulk, packetSize: 64)
        var pipes: [USBPipe] = []
        // Eight channels: two are the driver's own, two the adapter's.
        for _ in 0..<4 { pipes.append(try bench.controller.openPipe(endpoint, of: device.target) {}) }
        #expect(throws: USBError.full) { try bench.controller.openPipe(endpoint, of: device.target) {} }
        bench.controller.closePipe(pipes[1])
        _ = try bench.controller.openPipe(endpoint, of: device.target) {}
    }
}
