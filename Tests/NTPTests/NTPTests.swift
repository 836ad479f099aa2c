import Interfaces
import Testing

@testable import NTP

@Suite struct NTPTests {
    private typealias Server = SimulatedServers.Server

    @Test(
        arguments: [
            (0, 0x83AA_7E80_0000_0000), (1_795_651_200_500_000_000, 0xEEB1_F500_8000_0000),
            // The wire's seconds have wrapped.
            (2_085_978_496_000_000_000, 0), (4_000_000_000_000_000_000, 0x7215_A680_0000_0000),
        ] as [(UInt64, UInt64)])
    func `timestamps, after 2036 as well`(_ nanoseconds: UInt64, _ bits: UInt64) {
        #expect(NTPTimestamp(nanosecondsSince1970: nanoseconds).bits == bits)
        #expect(NTPTimestamp(bits: bits).nanosecondsSince1970 == nanoseconds)
    }

    @Test func `a packet is read as it was written, and nothing shorter or of another version is one`() {
        var packet = NTPPacket(request: NTPTimestamp(bits: 7))
        (packet.leap, packet.stratum, packet.precision, packet.reference) = (1, 3, -23, 0x0102_0304)
        let bytes = packet.encoded
        #expect(bytes.count == 48 && bytes[0] == 0x63)
        let again = NTPPacket(parsing: bytes.span.bytes)
        #expect(again == packet)
        for count in 0..<48 {
            let part = Array(bytes[..<count])
            let none = NTPPacket(parsing: part.span.bytes) == nil
            #expect(none)
        }
        for first in [0x13, 0x2B, 0x3B] as [UInt8] {
            let other = [first] + bytes.dropFirst()
            let none = NTPPacket(parsing: other.span.bytes) == nil
            #expect(none)
        }
    }

    @Test func `a steered clock never goes back, and arrives`() {
        var clock = SteeredClock()
        #expect(clock.reading(at: Instant(nanoseconds: 5)) == nil)
        clock.set(1_000_000_000_000, uncertainty: .milliseconds(10), at: Instant(nanoseconds: 0))
        clock.steer(
            by: -20_000_000, over: .seconds(16), frequency: 0, uncertainty: .milliseconds(1), at: .init(nanoseconds: 0))
        var last = clock.time(at: Instant(nanoseconds: 0))
        for second in 1...100 {
            let now = Instant(nanoseconds: UInt64(second) * 1_000_000_000)
            let time = clock.time(at: now)
            // Half a millisecond a second at most.
            #expect(time > last && time - last >= 999_499_000 && time - last <= 1_000_000_000)
            last = time
        }
        #expect(abs(Int64(last) - Int64(1_000_000_000_000 + 100_000_000_000 - 20_000_000)) < 1000)
    }

    @Test func `a clock is set within seconds and stays within milliseconds, whatever its crystal`() throws {
        for (index, skew) in ([0, 50_000, -50_000, 200_000, -15_000] as [Int64]).enumerated() {
            var network = SimulatedServers(Array(repeating: Server(), count: 4), skew: skew, seed: UInt64(index + 1))
            network.run(10)
            #expect(abs(try #require(network.error)) < 15_000_000)
            network.run(3600)
            var worst: Int64 = 0
            network.run(24 * 3600) { worst = max(worst, abs($0.error ?? .max)) }
            #expect(worst < 4_000_000, "\(skew): \(worst)")
            #expect(abs(network.clock.frequency - -skew) < 2_000, "\(skew): \(network.clock.frequency)")
            #expect(network.client.steps == 1)
            let reading = try #require(network.clock.reading(at: network.now))
            #expect(UInt64(abs(try #require(network.error))) < reading.uncertainty.nanoseconds)
        }
    }

    @Test func `one that lies is found out, two of five as well, and half of them leave nobody to believe`() throws {
        var network = SimulatedServers([Server(), Server(error: 3_000_000_000), Server()])
        network.run(600)
        #expect(abs(try #require(network.error)) < 5_000_000)
        let believed = (0..<3).map { network.client.status(of: $0, network.clock, now: network.now).isBelieved }
        #expect(believed == [true, false, true])

        network = SimulatedServers(
            [Server(), Server(error: -9_000_000_000), Server(error: 3_600_000_000_000), Server(), Server()])
        network.run(600)
        #expect(abs(try #require(network.error)) < 5_000_000)

        network = SimulatedServers([Server(), Server(error: 3_600_000_000_000)])
        network.run(600)
        #expect(network.error == nil)
    }

    @Test func `a lie that comes later changes nothing`() throws {
        var network = SimulatedServers(Array(repeating: Server(), count: 3))
        network.run(3600)
        network.servers[0].error = 60_000_000_000
        network.run(4 * 3600)
        #expect(abs(try #require(network.error)) < 5_000_000)
        #expect(network.client.steps == 1)
    }

    @Test func `servers without a clock, with stratum 16, and silent ones are not believed`() throws {
        for bad in [
            Server(error: 5_000_000_000, leap: 3), Server(error: 5_000_000_000, stratum: 16), Server(loss: 1000),
        ] {
            var network = SimulatedServers([bad, Server()])
            network.run(120)
            #expect(abs(try #require(network.error)) < 15_000_000)
            network = SimulatedServers([bad])
            network.run(120)
            #expect(network.error == nil)
        }
    }

    @Test func `a clock that is far off later is set again, and lost packets only delay it`() throws {
        var network = SimulatedServers([Server(loss: 500), Server(loss: 500), Server(loss: 500)], seed: 9)
        network.run(1800)
        #expect(abs(try #require(network.error)) < 5_000_000)
        network.epoch += 7_000_000_000
        network.run(3 * 3600)
        #expect(abs(try #require(network.error)) < 5_000_000)
        #expect(network.client.steps == 2)
    }

    @Test func `who asks for longer intervals gets them, who asks for silence too`() {
        var network = SimulatedServers([Server(stratum: 0, reference: 0x4445_4E59)])
        network.run(3600)
        #expect(network.client.deadline == .never)
        network = SimulatedServers([Server(stratum: 0, reference: 0x5241_5445)])
        let start = network.now
        network.run(20)
        #expect(network.client.deadline > start + .seconds(60))
    }

    @Test func `what was not asked for is ignored`() {
        var network = SimulatedServers([Server()])
        network.run(1)
        let ignored = network.client.ignored
        var packet = NTPPacket(request: NTPTimestamp(bits: 0))
        (packet.mode, packet.stratum, packet.origin) = (4, 1, NTPTimestamp(bits: 99))
        let before = network.clock
        for mode in [3, 4, 5] as [UInt8] {
            packet.mode = mode
            let bytes = packet.encoded
            network.client.receive(bytes.span.bytes, from: 0, clock: &network.clock, now: network.now)
        }
        #expect(network.client.ignored == ignored + 3 && network.clock == before)
    }

    @Test func `a majority has a point in common`() {
        func candidate(_ server: Int, _ offset: Int64, _ distance: UInt64) -> Candidate {
            Candidate(server: server, offset: offset, rootDistance: distance, jitter: 0)
        }
        let cases: [([Candidate], [Int])] = [
            ([], []), ([candidate(0, 5, 1)], [0]), ([candidate(0, 0, 10), candidate(1, 15, 10)], [0, 1]),
            ([candidate(0, 0, 10), candidate(1, 50, 10)], []),
            ([candidate(0, 0, 10), candidate(1, 50, 10), candidate(2, 5, 3)], [0, 2]),
            ([candidate(0, 0, 100), candidate(1, -90, 20), candidate(2, 90, 20)], [0, 1]),
        ]
        for (candidates, servers) in cases { #expect(ClockSelection.truechimers(candidates).map(\.server) == servers) }
    }
}
