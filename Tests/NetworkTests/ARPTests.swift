import Interfaces
import Testing

@testable import Network

/// A sink that keeps what it is given.
struct Recorder: FrameSink {
    var frames: [[UInt8]] = []

    mutating func transmit(
        _ length: Int, on interface: InterfaceID, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) {
        frames.append(written(length, fill))
    }

    /// The ARP packets that were sent, each with its destination.
    var packets: [(destination: HardwareAddress, packet: ARPPacket)] {
        frames.compactMap { frame in
            guard let header = try? EthernetHeader(parsing: frame.span.bytes), header.type == .arp,
                let packet = try? ARPPacket(parsing: frame.span.bytes.extracting(14..<frame.count))
            else { return nil }
            return (header.destination, packet)
        }
    }

    /// The payloads of the IPv4 frames that were sent.
    var payloads: [[UInt8]] {
        frames.filter { $0[12] == 8 && $0[13] == 0 }.map { Array($0[14...]) }
    }
}

extension Instant {
    static func at(_ seconds: Double) -> Instant { Instant(nanoseconds: UInt64(seconds * 1e9)) }
}

private let mine = HardwareAddress(bits: 0x0200_0000_0001)
private let other = HardwareAddress(bits: 0x0200_0000_0002)
private let here = IPv4Address(10, 0, 0, 1)
private let there = IPv4Address(10, 0, 0, 2)

/// What becomes of a packet.
private enum Outcome { case sent, waiting, unreachable }

extension ARPCache {
    /// Sends or holds a packet, as the stack does.
    fileprivate mutating func transmit(
        _ length: Int, to neighbor: IPv4Address, now: Instant, into sink: inout Recorder,
        _ fill: (inout MutableRawSpan) -> Void
    ) -> Outcome {
        switch resolve(neighbor, now: now, into: &sink) {
        case .known(let address):
            let header = EthernetHeader(destination: address, source: hardware, type: .ipv4)
            sink.transmit(14 + length, on: InterfaceID(rawValue: 0)) { frame in
                header.emit(into: &frame)
                var packet = frame._mutatingExtracting(14..<14 + length)
                fill(&packet)
            }
            return .sent
        case .waiting:
            hold(length, for: neighbor, fill)
            return .waiting
        case .unreachable: return .unreachable
        }
    }
}

struct ARPCacheTests {
    private func newCache(_ capacity: Int = 4) -> ARPCache {
        var cache = ARPCache(hardware: mine, capacity: capacity, pendingPackets: 4, pendingShare: 3, packetSize: 100)
        cache.address = here
        return cache
    }

    private func send(
        _ byte: UInt8, _ cache: inout ARPCache, _ sink: inout Recorder, to: IPv4Address = there, at: Double
    )
        -> Outcome
    {
        cache.transmit(2, to: to, now: .at(at), into: &sink) { bytes in
            bytes.set(0, byte)
            bytes.set(1, byte)
        }
    }

    private let reply = ARPPacket(.reply, from: there, at: other, to: here, at: mine)

    @Test func `packets wait for the answer and leave in order`() {
        var cache = newCache()
        var sink = Recorder()
        for byte in 1...3 { #expect(send(UInt8(byte), &cache, &sink, at: 0) == .waiting) }
        #expect(sink.packets.count == 1 && sink.packets[0].destination == .broadcast)
        #expect(sink.packets[0].packet == ARPPacket(.request, from: here, at: mine, to: there))
        cache.receive(reply, now: .at(0.1), into: &sink)
        #expect(sink.payloads == [[1, 1], [2, 2], [3, 3]])
        #expect(cache.lookup(there) == other && cache.pendingCount == 0)
        #expect(send(4, &cache, &sink, at: 0.2) == .sent)
        #expect(sink.frames.last == hex("020000000002 020000000001 0800 0404"))
    }

    @Test func `a neighbour gets its share of the buffers, and the latest packets are kept`() {
        var cache = newCache()
        var sink = Recorder()
        for byte in 1...9 { _ = send(UInt8(byte), &cache, &sink, at: 0) }
        #expect(cache.pendingCount == 3)
        for last in 3...6 { _ = send(UInt8(last), &cache, &sink, to: IPv4Address(10, 0, 0, UInt8(last)), at: 0) }
        #expect(cache.pendingCount <= 4)
        cache.receive(reply, now: .at(0.1), into: &sink)
        #expect(sink.payloads.allSatisfy { $0[0] >= 7 })
    }

    @Test func `a packet longer than a buffer is dropped`() {
        var cache = newCache()
        var sink = Recorder()
        #expect(cache.transmit(101, to: there, now: .at(0), into: &sink) { _ in } == .waiting)
        #expect(cache.pendingCount == 0)
    }

    @Test func `silence is asked three times, a second apart, and then reported`() {
        var cache = newCache()
        var (sink, undelivered) = (Recorder(), 0)
        _ = send(1, &cache, &sink, at: 0)
        for second in 1...3 {
            #expect(cache.deadline == .at(Double(second)))
            cache.advance(to: cache.deadline, into: &sink) { _ in undelivered += 1 }
            #expect(sink.packets.count == min(second + 1, 3))
        }
        #expect(undelivered == 1 && send(2, &cache, &sink, at: 4) == .unreachable)
        cache.advance(to: .at(23), into: &sink) { _ in }
        #expect(send(3, &cache, &sink, at: 23) == .waiting && sink.packets.count == 4)
    }

    @Test func `an entry ages, is used while its owner is asked, and is believed again`() {
        var cache = newCache()
        var sink = Recorder()
        _ = send(1, &cache, &sink, at: 0)
        cache.receive(reply, now: .at(0), into: &sink)
        cache.advance(to: .at(60), into: &sink) { _ in }
        #expect(send(2, &cache, &sink, at: 61) == .sent)
        #expect(sink.packets.count == 2 && sink.packets[1].destination == other)
        cache.receive(reply, now: .at(61.5), into: &sink)
        #expect(cache.deadline == .at(121.5) && send(3, &cache, &sink, at: 62) == .sent && sink.packets.count == 2)
    }

    @Test func `an owner that fell silent is asked for by broadcast again`() {
        var cache = newCache()
        var sink = Recorder()
        _ = send(1, &cache, &sink, at: 0)
        cache.receive(reply, now: .at(0), into: &sink)
        cache.advance(to: .at(60), into: &sink) { _ in }
        _ = send(2, &cache, &sink, at: 61)
        for second in 62...64 { cache.advance(to: .at(Double(second)), into: &sink) { _ in } }
        #expect(sink.packets.map(\.destination) == [.broadcast, other, other, other, .broadcast])
        #expect(cache.lookup(there) == nil && send(3, &cache, &sink, at: 64) == .waiting)
    }

    @Test func `an entry that nobody uses goes`() {
        var cache = newCache()
        var sink = Recorder()
        _ = send(1, &cache, &sink, at: 0)
        cache.receive(reply, now: .at(0), into: &sink)
        cache.advance(to: .at(60), into: &sink) { _ in }
        cache.advance(to: .at(660), into: &sink) { _ in }
        #expect(cache.lookup(there) == nil && cache.deadline == .never)
    }

    @Test func `a question for us is answered and its sender learnt (RFC 826)`() {
        var cache = newCache()
        var sink = Recorder()
        cache.receive(ARPPacket(.request, from: there, at: other, to: here), now: .at(0), into: &sink)
        #expect(sink.packets.count == 1 && sink.packets[0].destination == other)
        #expect(sink.packets[0].packet == ARPPacket(.reply, from: here, at: mine, to: there, at: other))
        #expect(cache.lookup(there) == other)
    }

    @Test func `a probe is answered and teaches nothing (RFC 5227 section 2.1.1)`() {
        var cache = newCache()
        var sink = Recorder()
        cache.receive(ARPPacket(.request, from: .unspecified, at: other, to: here), now: .at(0), into: &sink)
        #expect(sink.packets.count == 1 && cache.deadline == .never)
    }

    @Test func `announcements, foreign questions, answers not asked for and groups create nothing`() {
        var cache = newCache()
        var sink = Recorder()
        let group = HardwareAddress(bits: 0x0100_5E00_0001)
        for packet in [
            ARPPacket(.request, from: there, at: other, to: there),
            ARPPacket(.request, from: there, at: other, to: IPv4Address(10, 0, 0, 9)),
            reply, ARPPacket(.request, from: there, at: group, to: here),
            ARPPacket(.request, from: there, at: .broadcast, to: here),
            ARPPacket(.request, from: here, at: other, to: here),
        ] { cache.receive(packet, now: .at(0), into: &sink) }
        #expect(cache.deadline == .never && sink.frames.isEmpty)
    }

    @Test func `a known neighbour may move`() {
        var cache = newCache()
        var sink = Recorder()
        _ = send(1, &cache, &sink, at: 0)
        cache.receive(reply, now: .at(0), into: &sink)
        let moved = HardwareAddress(bits: 0x0200_0000_0003)
        cache.receive(ARPPacket(.request, from: there, at: moved, to: there), now: .at(1), into: &sink)
        #expect(cache.lookup(there) == moved)
    }

    @Test func `a full cache lets the neighbour go that was not used for the longest`() {
        var cache = newCache(2)
        var sink = Recorder()
        for last in 2...4 {
            let neighbor = IPv4Address(10, 0, 0, UInt8(last))
            _ = send(1, &cache, &sink, to: neighbor, at: Double(last) / 10)
            cache.receive(ARPPacket(.reply, from: neighbor, at: other, to: here), now: .at(0.5), into: &sink)
        }
        #expect(cache.lookup(IPv4Address(10, 0, 0, 2)) == nil && cache.lookup(IPv4Address(10, 0, 0, 4)) == other)
    }
}

struct AddressClaimTests {
    /// Runs `claim` until nothing is due before `end`; what it sent, with the times, and its events.
    private func run(_ claim: inout AddressClaim, until end: Instant) -> (
        sent: [(Instant, ARPPacket)], events: [AddressClaim.Event]
    ) {
        var (sent, events): ([(Instant, ARPPacket)], [AddressClaim.Event]) = ([], [])
        while claim.deadline <= end, claim.deadline != .never {
            let now = claim.deadline
            var sink = Recorder()
            if let event = claim.advance(to: now, into: &sink) { events.append(event) }
            sent += sink.packets.map { (now, $0.packet) }
        }
        return (sent, events)
    }

    @Test(arguments: 0..<20) func `three probes, two announcements, at the times of RFC 5227 section 1.1`(seed: Int) {
        var claim = AddressClaim(hardware: mine, seed: UInt64(seed) << 40)
        claim.begin(here, now: .at(5))
        let (sent, events) = run(&claim, until: .at(100))
        #expect(sent.count == 5 && events == [.claimed(here)] && claim.isClaimed)
        #expect(sent.prefix(3).allSatisfy { $0.1.isProbe && $0.1.target == here })
        #expect(sent.suffix(2).allSatisfy { $0.1 == ARPPacket(.request, from: here, at: mine, to: here) })
        #expect(sent[0].0 >= .at(5) && sent[0].0 <= .at(6))
        for index in 1...2 {
            let gap = sent[index].0 - sent[index - 1].0
            #expect(gap >= .seconds(1) && gap <= .seconds(2))
        }
        #expect(sent[3].0 - sent[2].0 == .seconds(2) && sent[4].0 - sent[3].0 == .seconds(2))
    }

    @Test(arguments: [
        (ARPPacket(.reply, from: here, at: other, to: .unspecified), true),
        (ARPPacket(.request, from: here, at: other, to: there), true),
        (ARPPacket(.request, from: .unspecified, at: other, to: here), true),
        (ARPPacket(.request, from: .unspecified, at: mine, to: here), false),
        (ARPPacket(.request, from: there, at: other, to: here), false),
    ])
    func `while probing, a user or another prober is a conflict (section 2.1.1)`(packet: ARPPacket, isConflict: Bool) {
        var (claim, sink) = (AddressClaim(hardware: mine, seed: 1), Recorder())
        claim.begin(here, now: .at(0))
        #expect(claim.receive(packet, now: .at(0.5), into: &sink) == (isConflict ? .conflict(here) : nil))
        #expect((claim.deadline == .never) == isConflict && sink.frames.isEmpty)
    }

    @Test func `an address in use is defended once in ten seconds, then given up (section 2.4 b)`() {
        var claim = AddressClaim(hardware: mine, seed: 1)
        claim.begin(here, now: .at(0))
        _ = run(&claim, until: .at(50))
        var sink = Recorder()
        let rival = ARPPacket(.request, from: here, at: other, to: here)
        #expect(claim.receive(rival, now: .at(60), into: &sink) == nil && sink.packets.count == 1)
        #expect(claim.receive(rival, now: .at(71), into: &sink) == nil && sink.packets.count == 2)
        #expect(claim.receive(rival, now: .at(80), into: &sink) == .lost(here) && !claim.isClaimed)
        #expect(sink.packets.count == 2)
    }

    @Test func `after ten conflicts a claim begins a minute late`() {
        var (claim, sink) = (AddressClaim(hardware: mine, seed: 1), Recorder())
        for _ in 0..<10 {
            claim.begin(here, now: .at(0))
            _ = claim.receive(ARPPacket(.reply, from: here, at: other, to: here), now: .at(0), into: &sink)
        }
        claim.begin(here, now: .at(0))
        #expect(claim.deadline >= .at(60) && claim.deadline <= .at(61))
    }
}
