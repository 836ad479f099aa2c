import CDCEthernet
import Interfaces
import Models
import Testing
import USB

/// Ethernet adapters: frames both ways, and everything that may go wrong on the way.
@Suite struct AdapterTests {
    static let ways: [(speed: UInt32, preference: AdapterProtocol, isEmulated: Bool)] = [
        (1, .ecm, false), (1, .rndis, false), (0, .ecm, false), (0, .rndis, false), (1, .ecm, true), (1, .rndis, true),
    ]

    @Test(arguments: ways) func `frames of every length pass both ways`(
        speed: UInt32, preference: AdapterProtocol, isEmulated: Bool
    ) throws {
        let device = AdapterModel(speed: speed)
        let bench = try USBBench.started(device, isEmulated: isEmulated, preference: preference)
        #expect(bench.adapter.adapterProtocol == preference)
        #expect(bench.adapter.hardwareAddress == HardwareAddress(bits: 0x4054_0012_3456))
        let lengths = Array(14...200) + Array(stride(from: 201, to: 1500, by: 37)) + [511, 512, 513, 1024, 1472, 1514]
        for length in lengths {
            try bench.send(USBBench.frame(length))
            bench.settle()
        }
        #expect(device.sent == lengths.map { USBBench.frame($0) })
        device.waiting = lengths.map { USBBench.frame($0, seed: 2) }
        #expect(bench.receive(lengths.count, milliseconds: 20_000) == lengths.map { USBBench.frame($0, seed: 2) })
        #expect(bench.adapter.statistics.receivedFrames == UInt64(lengths.count))
        #expect(bench.lostBuffers == 0)
        #expect(bench.violations == [])
    }

    @Test func `several frames wait at both ends, and none overtakes another`() throws {
        let device = AdapterModel()
        let bench = try USBBench.started(device)
        device.isBusy = true
        var sent = 0
        while bench.adapter.transmitRoom > 0 {
            try bench.send(USBBench.frame(300, seed: sent))
            sent += 1
        }
        #expect(sent >= 15)
        #expect(throws: NetworkError.full) { try bench.send(USBBench.frame(60)) }
        device.isBusy = false
        device.waiting = (0..<40).map { USBBench.frame(400, seed: $0) }
        #expect(bench.receive(40, milliseconds: 2000) == (0..<40).map { USBBench.frame(400, seed: $0) })
        #expect(device.sent == (0..<sent).map { USBBench.frame(300, seed: $0) })
        #expect(bench.violations == [])
    }

    @Test func `several frames in one RNDIS transfer are taken apart`() throws {
        let device = AdapterModel()
        device.packsMessages = true
        let bench = try USBBench.started(device, preference: .rndis)
        device.waiting = (0..<30).map { USBBench.frame(60 + 10 * $0, seed: $0) }
        let expected = device.waiting
        #expect(bench.receive(30, milliseconds: 2000) == expected)
        #expect(bench.lostBuffers == 0)
        #expect(bench.violations == [])
    }

    @Test func `an RNDIS message that lies about its lengths is dropped and counted`() throws {
        let device = LyingAdapter(hasECM: false)
        let bench = try USBBench.started(device)
        for words: [UInt32] in [
            [2, 60, 36, 16], [1, 5000, 36, 16], [1, 60, 4000, 16], [1, 60, 36, 4000], [1, 43, 36, 0],
            [1, .max, .max, .max],
            [1, 60, .max - 7, 16], [1, 60, 0, 16], [1, 60, 36, 3],
        ] {
            device.raw.append(
                words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
                    + [UInt8](repeating: 0, count: 44))
        }
        device.raw.append([1, 2, 3])
        device.raw.append([])
        #expect(bench.receive(milliseconds: 200).isEmpty)
        #expect(bench.adapter.statistics.receiveDrops == 10)
        #expect(bench.lostBuffers == 0)
    }

    @Test func `frames of impossible lengths are dropped and counted`() throws {
        let device = AdapterModel(hasRNDIS: false)
        let bench = try USBBench.started(device)
        let lengths = [1, 13, 1519, 1600, 2047, 2048, 3000, 5000]
        device.waiting = lengths.map { USBBench.frame($0) } + [USBBench.frame(100)]
        #expect(bench.receive(1, milliseconds: 500) == [USBBench.frame(100)])
        #expect(bench.adapter.statistics.lengthErrors == UInt64(lengths.count))
        #expect(bench.lostBuffers == 0)
    }

    @Test func `frames that their consumers keep leave the others flowing until no buffer is left`() throws {
        let device = AdapterModel()
        let bench = try USBBench.started(device)
        device.waiting = (0..<100).map { USBBench.frame(80, seed: $0) }
        var kept = KeptFrames()
        for _ in 0..<400 {
            if let frame = bench.adapter.receive() { kept.keep(frame) }
            bench.clock.advance(by: .milliseconds(1))
        }
        #expect(kept.count == USBBench.spare)
        #expect(bench.adapter.statistics.noBuffer == UInt64(100 - USBBench.spare))
        kept.drop()
        device.waiting = [USBBench.frame(90)]
        #expect(bench.receive(1) == [USBBench.frame(90)])
        #expect(bench.lostBuffers == 0)
        #expect(bench.violations == [])
    }

    @Test func `a halted endpoint is cleared, and traffic goes on`() throws {
        let device = AdapterModel()
        let bench = try USBBench.started(device)
        device.halted = [0x82, 0x02]
        try bench.send(USBBench.frame(100))
        device.waiting = [USBBench.frame(200)]
        _ = bench.receive(1, milliseconds: 20)
        _ = bench.adapter.transmitRoom
        bench.run(milliseconds: 300)
        #expect(device.clearedHalts >= 2)
        #expect(bench.receive(1, milliseconds: 200) == [USBBench.frame(200)])
        try bench.send(USBBench.frame(101))
        bench.clock.advance(by: .milliseconds(10))
        _ = bench.adapter.transmitRoom
        #expect(device.sent.last == USBBench.frame(101))
        #expect(bench.adapter.link.isUp && bench.lostBuffers == 0)
        #expect(bench.violations == [])
    }

    @Test(arguments: [UInt32(0), 1], [true, false]) func `a transaction that is lost in the core stops no traffic`(
        speed: UInt32, isIn: Bool
    ) throws {
        let device = AdapterModel(speed: speed)
        let bench = try USBBench.started(device)
        for round in 0..<4 {
            bench.model.lostPackets = 1
            if isIn {
                device.waiting = [USBBench.frame(300, seed: round)]
            } else {
                try bench.send(USBBench.frame(300, seed: round))
            }
            var received: [[UInt8]] = []
            for _ in 0..<80 {
                received += bench.receive(1, milliseconds: 25)
                bench.run(milliseconds: 25)
            }
            if isIn { #expect(received == [USBBench.frame(300, seed: round)]) }
            #expect(device.sent.count == (isIn ? 0 : round + 1))
        }
        #expect(bench.adapter.link.isUp && bench.lostBuffers == 0)
        #expect(bench.violations == [])
    }

    @Test(arguments: [UInt32(0), 1])
    func `an adapter that takes nothing for long loses what it was to take, and no more`(
        speed: UInt32
    ) throws {
        let device = AdapterModel(speed: speed)
        let bench = try USBBench.started(device)
        device.isBusy = true
        while bench.adapter.transmitRoom > 0 { try bench.send(USBBench.frame(300)) }
        for _ in 0..<160 {
            _ = bench.receive(1, milliseconds: 25)
            bench.run(milliseconds: 25)
        }
        #expect(bench.adapter.transmitRoom > 0 && bench.adapter.statistics.transmitAbandoned >= 15)
        device.isBusy = false
        try bench.send(USBBench.frame(301))
        for _ in 0..<8 {
            _ = bench.receive(1, milliseconds: 25)
            bench.run(milliseconds: 25)
        }
        #expect(device.sent.last == USBBench.frame(301))
        #expect(bench.adapter.link.isUp && bench.lostBuffers == 0)
        #expect(bench.violations == [])
    }

    @Test(arguments: [UInt32(0), 1]) func `an adapter that is pulled out of a hub under load goes down soon`(
        hubSpeed: UInt32
    ) throws {
        for last in stride(from: 1, to: 60, by: 7) {
            let device = AdapterModel(speed: 1)
            let hub = HubModel(speed: hubSpeed, ports: 4)
            let bench = USBBench()
            hub.translator = hubSpeed == 0 ? bench.model.translator : nil
            hub.plug(device, into: 2)
            bench.model.plug(hub)
            try bench.controller.start()
            bench.run(milliseconds: 2000)
            #expect(bench.adapter.link.isUp)
            let target = bench.model.packets + last
            bench.model.beforePacket = { number in if number == target { hub.unplug(2) } }
            device.waiting = (0..<20).map { USBBench.frame(60 + 20 * $0) }
            for _ in 0..<12 { try? bench.send(USBBench.frame(700)) }
            for _ in 0..<40 {
                _ = bench.receive(milliseconds: 10)
                bench.run(milliseconds: 10)
            }
            #expect(!bench.adapter.link.isUp && bench.lostBuffers == 0)
            bench.model.beforePacket = nil
            hub.plug(AdapterModel(speed: 1), into: 3)
            bench.run(milliseconds: 1500)
            #expect(bench.adapter.link.isUp)
            #expect(bench.violations == [], "at packet \(last)")
        }
    }

    @Test func `an adapter that only fails goes down`() throws {
        let device = AdapterModel()
        let bench = try USBBench.started(device)
        device.misbehaviour = .silence
        for _ in 0..<40 {
            _ = bench.receive(1, milliseconds: 20)
            bench.run(milliseconds: 100)
        }
        #expect(!bench.adapter.link.isUp)
        #expect(throws: NetworkError.linkDown) { try bench.send(USBBench.frame(100)) }
    }

    @Test(arguments: [AdapterProtocol.ecm, .rndis]) func `the link follows what the adapter tells`(
        preference: AdapterProtocol
    ) throws {
        let device = AdapterModel()
        let bench = try USBBench.started(device, preference: preference)
        func tell(_ isUp: Bool) {
            switch preference {
            case .ecm: device.notifications.append([0xA1, 0, isUp ? 1 : 0, 0, 0, 0, 0, 0])
            case .rndis: device.tell([7, 20, isUp ? 0x4001_000B : 0x4001_000C, 0, 0])
            }
            bench.run(milliseconds: 200)
        }
        tell(false)
        #expect(bench.adapter.link == .down)
        tell(true)
        #expect(bench.adapter.link.isUp)
        #expect(bench.adapter.statistics.linksUp == 2 && bench.adapter.statistics.linksDown == 1)
        if preference == .rndis {
            device.tell([8, 12, 77])
            bench.run(milliseconds: 200)
            #expect(device.keptAlive == 1)
        }
    }

    @Test func `plugs pulled in the middle of traffic lose no buffer`() throws {
        let bench = try USBBench.started()
        var generator = SeededGenerator(seed: 3)
        for round in 0..<40 {
            let device = AdapterModel(speed: round % 2 == 0 ? 1 : 0)
            bench.model.plug(device)
            bench.run(milliseconds: 800)
            #expect(bench.adapter.link.isUp)
            device.waiting = (0..<50).map { USBBench.frame(60 + 20 * $0) }
            let last = bench.model.packets + Int(generator.next() % 400)
            bench.model.beforePacket = { [unowned bench] number in if number == last { bench.model.unplug() } }
            for _ in 0..<12 { try? bench.send(USBBench.frame(700)) }
            _ = bench.receive(milliseconds: 60)
            bench.model.beforePacket = nil
            bench.model.unplug()
            bench.run(milliseconds: 300)
            #expect(!bench.adapter.link.isUp && bench.lostBuffers == 0, "round \(round)")
        }
        #expect(bench.adapter.statistics.linksUp == 40 && bench.adapter.statistics.linksDown == 40)
        #expect(bench.violations == [])
    }

    @Test func `the interface keeps its first address, and other adapters let everything through`() throws {
        let first = AdapterModel(address: "0200AABBCC01")
        let bench = try USBBench.started(first)
        #expect(bench.adapter.hardwareAddress == HardwareAddress(bits: 0x0200_AABB_CC01))
        #expect(first.filters.last.map { $0 & 1 } == 0)
        bench.model.unplug()
        bench.run(milliseconds: 200)
        let second = AdapterModel(address: "0200AABBCC02")
        bench.model.plug(second)
        bench.run(milliseconds: 1000)
        #expect(bench.adapter.hardwareAddress == HardwareAddress(bits: 0x0200_AABB_CC01))
        #expect(second.filters.last.map { $0 & 1 } == 1)
    }

    @Test(arguments: ["", "nonsense!!!!", "0100AABBCC01", "000000000000"])
    func `an adapter without a usable address gets ours`(
        address: String
    ) throws {
        let device = AdapterModel(address: address, hasRNDIS: false)
        let bench = try USBBench.started(device)
        #expect(bench.adapter.link.isUp)
        #expect(bench.adapter.hardwareAddress == USBBench.fallback)
        #expect(device.filters.last.map { $0 & 1 } == 1)
    }

    @Test func `an adapter that has no string for its address gets ours`() throws {
        let device = AdapterModel(hasRNDIS: false)
        device.strings = ["maker"]
        let bench = try USBBench.started(device)
        #expect(bench.adapter.link.isUp && bench.adapter.hardwareAddress == USBBench.fallback)
    }

    @Test func `an adapter with short segments is not used`() throws {
        let bench = try USBBench.started(AdapterModel(hasRNDIS: false, segmentSize: 1000))
        #expect(!bench.adapter.link.isUp)
        #expect(bench.news.contains { if case .unused(_, .unsupported) = $0 { true } else { false } })
    }

    @Test func `requests nobody can serve are errors`() throws {
        let bench = try USBBench.started(AdapterModel())
        #expect(throws: NetworkError.length) { try bench.send(USBBench.frame(13)) }
        #expect(throws: NetworkError.length) { try bench.send(USBBench.frame(1519)) }
        #expect(throws: NetworkError.unsupported) {
            try bench.adapter.transmit(100, checksum: TransmitChecksum(from: 14, at: 20)) { _ in }
        }
    }
}

/// An adapter that sends transfers as they are.
final class LyingAdapter: USBFunctionModel {
    var raw: [[UInt8]] = []
    private let honest: AdapterModel
    private var giving: [UInt8]?

    init(hasECM: Bool) {
        honest = AdapterModel(hasECM: hasECM)
        super.init(
            speed: 1, device: honest.deviceDescriptor, configurations: honest.configurationDescriptors,
            strings: honest.strings)
    }

    override func control(_ setup: [UInt8], _ data: [UInt8]) -> [UInt8]? {
        if honest.configuration == 0 { honest.choose(2) }
        return honest.control(setup, data)
    }

    override func output(_ number: UInt8, _ data: [UInt8]) -> USBAnswer { .ack }

    override func input(_ number: UInt8, _ size: Int) -> USBAnswer {
        guard number == 2 else { return .nak }
        if giving == nil {
            if raw.isEmpty { return .nak }
            giving = raw.removeFirst()
        }
        let part = Array(giving!.prefix(64))
        giving!.removeFirst(part.count)
        if part.count < 64 { giving = nil }
        return .data(part)
    }
}

/// Frames that a consumer holds: values without copies cannot be in an array.
struct KeptFrames: ~Copyable {
    private var slots: [64 of FrameSlot] = .init { _ in FrameSlot() }
    private(set) var count = 0

    mutating func keep(_ frame: consuming ReceivedFrame) {
        slots[count].frame = consume frame
        count += 1
    }

    mutating func drop() {
        for index in 0..<count { slots[index].frame = nil }
        count = 0
    }
}

struct FrameSlot: ~Copyable {
    var frame: ReceivedFrame?
}
