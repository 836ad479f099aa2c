import Interfaces
import Models
import Testing
import USB

/// Finding devices: on the bench in virtual time.
@Suite struct EnumerationTests {
    @Test(arguments: [false, true]) func `a device at the root port is found, and given to its driver`(isEmulated: Bool)
        throws
    {
        let bench = try USBBench.started(AdapterModel(), isEmulated: isEmulated)
        #expect(bench.bus.devices.count == 1)
        #expect(bench.bus.devices[0].target.address == 1)
        #expect(bench.bus.devices[0].target.speed == .full)
        #expect(bench.bus.devices[0].descriptor.vendor == 0x0525)
        #expect(bench.bus.devices[0].configuration?.value == 1)
        #expect(bench.adapter.link.isUp)
        #expect(bench.violations == [])
    }

    @Test(arguments: [false, true])
    func `devices behind hubs are found, and those that go take what is behind them along`(
        isEmulated: Bool
    ) throws {
        let (outer, inner) = (HubModel(ports: 4), HubModel(ports: 8))
        outer.plug(inner, into: 3)
        inner.plug(AdapterModel(), into: 8)
        inner.plug(KeyboardModel(speed: 1), into: 1)
        let bench = try USBBench.started(outer, isEmulated: isEmulated)
        bench.run(milliseconds: 2000)
        #expect(bench.bus.devices.map(\.path) == [[1], [1, 3], [1, 3, 1], [1, 3, 8]])
        #expect(Set(bench.bus.devices.map(\.target.address)) == [1, 2, 3, 4])
        #expect(bench.adapter.link.isUp)
        outer.willUnplug = { bench.model.willUnplug() }
        outer.unplug(3)
        bench.run(milliseconds: 500)
        #expect(bench.bus.devices.map(\.path) == [[1]])
        #expect(!bench.adapter.link.isUp)
        outer.plug(AdapterModel(), into: 1)
        bench.run(milliseconds: 1000)
        #expect(bench.bus.devices.map(\.path) == [[1], [1, 1]])
        #expect(bench.bus.devices[1].target.address == 2)
        #expect(bench.adapter.link.isUp)
        #expect(bench.violations == [])
    }

    @Test func `a slower device behind a hub of high speed is reached by split transactions`() throws {
        let hub = HubModel(speed: 0, ports: 4)
        let keyboard = KeyboardModel(speed: 2)
        hub.plug(keyboard, into: 2)
        hub.plug(AdapterModel(speed: 1), into: 4)
        let bench = try USBBench.started(hub)
        bench.run(milliseconds: 3000)
        #expect(bench.bus.devices.map(\.path) == [[1], [1, 2], [1, 4]])
        #expect(bench.bus.devices.last?.target.translator == USBTranslator(hub: 1, port: 4))
        keyboard.press(0x04)
        bench.run(milliseconds: 200)
        #expect(bench.typed == [0x61])
        #expect(bench.violations == [])
    }

    @Test func `a device that does not work at one port disturbs none at another`() throws {
        let hub = HubModel(speed: 1, ports: 4)
        let bad = AdapterModel()
        bad.deviceDescriptor[17] = 0
        let worse = AdapterModel()
        worse.deviceDescriptor[7] = 7
        let keyboard = KeyboardModel(speed: 1)
        hub.plug(bad, into: 1)
        hub.plug(worse, into: 2)
        let bench = try USBBench.started(hub)
        bench.run(milliseconds: 4000)
        hub.plug(keyboard, into: 4)
        bench.run(milliseconds: 2000)
        #expect(bench.bus.devices.map(\.path) == [[1], [1, 4]])
        keyboard.press(0x04)
        bench.run(milliseconds: 100)
        #expect(bench.typed == [0x61])
        let failures = bench.news.filter { if case .failed = $0 { true } else { false } }
        #expect(failures.count == 2)
        #expect(bench.violations == [])
    }

    @Test func `a hub tells of its power and of too much current once, and its ports get power again`() throws {
        let hub = HubModel(speed: 1, ports: 4)
        let keyboard = KeyboardModel(speed: 1)
        hub.plug(keyboard, into: 3)
        let bench = try USBBench.started(hub)
        bench.run(milliseconds: 1000)
        let before = hub.reportsGiven
        hub.overload(3)
        bench.run(milliseconds: 3000)
        #expect(hub.reportsGiven - before < 8)
        #expect(bench.bus.devices.map(\.path) == [[1], [1, 3]])
        keyboard.press(0x05)
        bench.run(milliseconds: 100)
        #expect(bench.typed == [0x62])
        #expect(bench.violations == [])
    }

    @Test func `a device whose second configuration cannot be is used by its first`() throws {
        let device = AdapterModel()
        device.configurationDescriptors[1][2] = 3
        let bench = try USBBench.started(device, preference: .rndis)
        #expect(bench.adapter.link.isUp && bench.adapter.adapterProtocol == .rndis)
    }

    @Test func `strings are read in the language that a device has`() throws {
        let device = AdapterModel(address: "0200AABBCC07")
        device.language = 0x0407
        let bench = try USBBench.started(device)
        #expect(bench.adapter.hardwareAddress == HardwareAddress(bits: 0x0200_AABB_CC07))
    }

    @Test func `the root port's device may come late, go, and be another`() throws {
        let bench = try USBBench.started()
        #expect(bench.bus.devices.isEmpty)
        for round in 0..<5 {
            bench.model.plug(round % 2 == 0 ? AdapterModel() : HubModel(ports: 2))
            bench.run(milliseconds: 1000)
            #expect(bench.bus.devices.count == 1)
            #expect(bench.adapter.link.isUp == (round % 2 == 0))
            bench.model.unplug()
            bench.run(milliseconds: 300)
            #expect(bench.bus.devices.isEmpty)
        }
        #expect(bench.lostBuffers == 0)
        #expect(bench.violations == [])
    }

    @Test func `a device that is exchanged between two looks is found out`() throws {
        let bench = try USBBench.started(AdapterModel())
        bench.model.unplug()
        bench.model.plug(HubModel(ports: 2))
        bench.run(milliseconds: 1000)
        #expect(bench.bus.devices.count == 1)
        #expect(bench.bus.devices[0].descriptor.deviceClass == 9)
        #expect(!bench.adapter.link.isUp)
    }

    @Test func `a device that does not answer at first is tried again`() throws {
        let device = AdapterModel()
        device.silentPackets = 4
        let bench = try USBBench.started(device)
        bench.run(milliseconds: 3000)
        #expect(bench.bus.devices.count == 1)
    }

    @Test(arguments: [USBAnswer.silence, .stall, .nak])
    func `a device that answers nothing is told of, and pulled out again`(
        answer: USBAnswer
    ) throws {
        let device = AdapterModel()
        device.misbehaviour = answer
        let bench = try USBBench.started(device)
        bench.run(milliseconds: 10_000)
        #expect(bench.bus.devices.isEmpty)
        let failures = bench.news.filter { if case .failed = $0 { true } else { false } }
        #expect(failures.count == 1)
        bench.model.unplug()
        bench.run(milliseconds: 100)
        bench.model.plug(AdapterModel())
        bench.run(milliseconds: 1000)
        #expect(bench.adapter.link.isUp)
        #expect(bench.violations == [])
    }

    @Test func `a device that disappears at any packet leaves nothing behind`() throws {
        for last in 1...70 {
            let bench = USBBench(seed: UInt64(last))
            bench.model.plug(AdapterModel())
            bench.model.beforePacket = { [unowned bench] number in if number == last { bench.model.unplug() } }
            try bench.controller.start()
            bench.run(milliseconds: 3000)
            let packets = bench.model.packets
            bench.model.beforePacket = nil
            if packets >= last {
                #expect(bench.bus.devices.isEmpty, "at packet \(last)")
                bench.model.plug(AdapterModel())
                bench.run(milliseconds: 1500)
            }
            #expect(bench.bus.devices.count == 1, "at packet \(last)")
            #expect(bench.bus.devices.first?.target.address == 1, "at packet \(last)")
            #expect(bench.adapter.link.isUp && bench.lostBuffers == 0, "at packet \(last)")
            #expect(bench.violations == [], "at packet \(last)")
        }
    }

    @Test(arguments: [
        (0, UInt8(17)), (1, 2), (7, 7), (17, 0),
    ]) func `a device descriptor that cannot be is refused`(offset: Int, value: UInt8) throws {
        let device = AdapterModel()
        device.deviceDescriptor[offset] = value
        let bench = try USBBench.started(device)
        bench.run(milliseconds: 5000)
        #expect(bench.bus.devices.isEmpty)
        #expect(bench.news.contains { if case .failed(_, .invalid) = $0 { true } else { false } })
    }

    @Test func `six hubs in a row are one too many`() throws {
        var hubs: [HubModel] = []
        for _ in 0..<6 {
            let hub = HubModel(ports: 1)
            if let outer = hubs.last { outer.plug(hub, into: 1) }
            hubs.append(hub)
        }
        hubs.last!.plug(AdapterModel(), into: 1)
        let bench = try USBBench.started(hubs[0])
        bench.run(milliseconds: 6000)
        #expect(bench.bus.devices.count == 6)
        #expect(bench.news.contains { if case .failed(let path, .unsupported) = $0 { path.count == 7 } else { false } })
    }

    @Test func `a keyboard and a disk next to an adapter each get their driver`() throws {
        let hub = HubModel(speed: 0, ports: 4)
        hub.plug(DiskModel(count: 64), into: 1)
        hub.plug(AdapterModel(speed: 0), into: 2)
        let bench = try USBBench.started(hub)
        bench.run(milliseconds: 2000)
        #expect(bench.bus.devices.map { $0.drivers.count } == [1, 1, 1])
        #expect(bench.disk.isPresent && bench.adapter.link.isUp)
        #expect(bench.violations == [])
    }

    @Test func `idle, the controller interrupts for nothing`() throws {
        let bench = try USBBench.started(AdapterModel())
        _ = bench.receive(milliseconds: 100)
        let before = bench.model.interruptsRaised
        let end = bench.clock.now + .seconds(10)
        while bench.clock.now < end {
            _ = bench.receive(milliseconds: 5)
            bench.run(milliseconds: 5)
        }
        // Those of the notifications that are asked for; nothing of the pipes.
        #expect(bench.model.interruptsRaised - before <= 400)
        #expect(bench.violations == [])
    }
}
