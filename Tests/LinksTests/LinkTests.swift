import Interfaces
import Links
import Network
import Runtime
import TaskBench
import Testing

/// A device whose frames may be longer than it says.
private final class ModestDevice: LinkWrapper {
    override var maximumTransmissionUnit: Int { 576 }
}

@Suite struct LinkTests {
    @Test(arguments: [
        ("loss", 50, 0, 0, 0), ("duplication", 0, 100, 0, 0), ("corruption", 0, 0, 50, 0), ("reordering", 0, 0, 0, 100),
        ("all", 20, 20, 20, 20),
    ])
    func `a faulty link spoils frames, and the stack bears it`(
        name: String, loss: Int, duplication: Int, corruption: Int, reordering: Int
    ) throws {
        var faults = FaultInjector.Faults()
        (faults.loss, faults.duplication) = (loss, duplication)
        (faults.corruption, faults.reordering) = (corruption, reordering)
        var seed: UInt64 = 10
        var links: [FaultyLink] = []
        func wrap(_ device: any NetworkDevice) -> any NetworkDevice {
            seed += 1
            let link = FaultyLink(device, FaultInjector.Faults(), seed: seed) { SystemTime.now }
            links.append(link)
            return link
        }
        try HostPair.run(wrap: wrap) { (pair) throws in
            // Neighbours find each other first: a spoiled address is believed.
            #expect(try transfer(100, over: pair).isWhole)
            for link in links { link.faults = faults }
            #expect(try transfer(300_000, over: pair).isWhole)
            #expect(loss == 0 || links.contains { $0.lost > 0 })
            let statistics = pair.right.stack.statistics
            #expect(corruption == 0 || statistics.checksumErrors + statistics.malformed > 0)
            for link in links { link.faults = FaultInjector.Faults() }
        }
    }

    @Test(arguments: [0, 20])
    func `a delay is that of the link, and frames come without an interrupt`(milliseconds: Int) throws {
        var faults = FaultInjector.Faults()
        faults.delay = .milliseconds(UInt64(milliseconds))
        let wrap = { (device: any NetworkDevice) -> any NetworkDevice in
            FaultyLink(device, faults, seed: 1) { SystemTime.now }
        }
        try HostPair.run(wrap: wrap) { (pair) throws in
            let (isWhole, duration) = try transfer(1000, over: pair)
            #expect(isWhole)
            // Both ends' links delay: data and the end of the stream.
            #expect(duration >= .milliseconds(UInt64(2 * milliseconds)))
            #expect(duration < .milliseconds(UInt64(4 * milliseconds + 10)))
        }
    }

    @Test func `a frame that is longer than the device promises is lost, and harms nothing`() throws {
        try VirtualProcessor.run {
            let cable = try Cable(seed: 1)
            defer { cable.cut() }
            let link = FaultyLink(ModestDevice(cable.ends[0]), FaultInjector.Faults(), seed: 1) { SystemTime.now }
            let lengths = [1514, 594, 60]
            for length in lengths { try cable.ends[1].transmit(length, checksum: nil) { _ in } }
            try Task.sleep(for: .milliseconds(10))
            var arrived: [Int] = []
            while let frame = link.receive() { arrived.append(frame.count) }
            #expect(arrived == [594, 60] && link.statistics.noBuffer == 1)
        }
    }

    @Test(arguments: [1_000_000, 20_000_000] as [UInt64])
    func `a slow link passes what its rate says`(rate: UInt64) throws {
        let wrap = { (device: any NetworkDevice) -> any NetworkDevice in
            RateLimitedLink(device, bitsPerSecond: rate, burst: 4096) { SystemTime.now }
        }
        try HostPair.run(wrap: wrap) { (pair) throws in
            let count = Int(rate) / 8
            let (isWhole, duration) = try transfer(count, over: pair)
            #expect(isWhole)
            // A second of payload, and at most a tenth more for headers and what is waited for.
            #expect(duration >= .milliseconds(950) && duration < .milliseconds(1200))
        }
    }

    @Test func `a capture has every frame of both directions, and can be read`() throws {
        var file: [UInt8] = []
        var isFirst = true
        func wrap(_ device: any NetworkDevice) -> any NetworkDevice {
            defer { isFirst = false }
            guard isFirst else { return device }
            return ObservedLink(capturing: device, snapLength: 60, clock: { SystemTime.now }) { bytes in
                file += bytes.withUnsafeBytes { Array($0) }
            }
        }
        try HostPair.run(wrap: wrap) { (pair) throws in
            #expect(try transfer(20_000, over: pair).isWhole)
            let statistics = pair.cable.ends[0].statistics
            let records = try #require(Self.records(file))
            #expect(records.count == Int(statistics.receivedFrames + statistics.transmittedFrames))
            #expect(records.allSatisfy { $0.kept == min($0.length, 60) })
        }
    }

    /// The records of a capture with big-endian numbers; nil when it is none.
    private static func records(_ file: [UInt8]) -> [(kept: Int, length: Int)]? {
        func word(_ offset: Int) -> Int { file[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
        guard file.count >= 24, word(0) == 0xA1B2_3C4D else { return nil }
        var records: [(Int, Int)] = []
        var offset = 24
        while offset + 16 <= file.count {
            records.append((word(offset + 8), word(offset + 12)))
            offset += 16 + word(offset + 8)
        }
        return offset == file.count ? records : nil
    }

    @Test func `a trace tells what passes, in order`() throws {
        var lines: [String] = []
        var isFirst = true
        func wrap(_ device: any NetworkDevice) -> any NetworkDevice {
            defer { isFirst = false }
            guard isFirst else { return device }
            return ObservedLink(device) { direction, frame in
                let text = String(decoding: FrameDescription(frame).text.bytes, as: UTF8.self)
                lines.append((direction == .sent ? "> " : "< ") + text)
            }
        }
        try HostPair.run(wrap: wrap) { (pair) throws in _ = try transfer(100, over: pair) }
        let expected = [
            "> ARP who has 10.0.0.2, asks 10.0.0.1", "< ARP 10.0.0.2 is at 02:00:00:00:00:02",
            "TCP SYN seq", "TCP SYN ACK seq", "data 100 ", "TCP FIN",
        ]
        var rest = lines[...]
        for part in expected {
            let place = rest.firstIndex { $0.contains(part) }
            #expect(place != nil, "\(part) in \(lines)")
            if let place { rest = rest[(place + 1)...] }
        }
    }
}
