import Interfaces
import Testing

@testable import Network

/// Two ends over `faults` with `seed`; `left` opens.
func link(
    _ faults: LinkFaults, _ left: Workload, _ right: Workload, seed: UInt64,
    _ configure: (inout TCPConfiguration, _ isLeft: Bool) -> Void = { _, _ in }
) -> SimulatedLink {
    var mine = TCPConfiguration()
    var theirs = TCPConfiguration()
    configure(&mine, true)
    configure(&theirs, false)
    let start = Instant(nanoseconds: 1_000_000)
    let first = SequenceNumber(UInt32(truncatingIfNeeded: 0 &- seed &* 7919))
    return SimulatedLink(
        End(TransmissionControlBlock(opening: mine, initial: first, now: start), left, salt: 17),
        End(TransmissionControlBlock(listening: theirs, initial: SequenceNumber(0xFFFF_FF00)), right, salt: 90),
        faults, seed: seed)
}

/// Every byte arrived, in order, once.
func isComplete(_ link: SimulatedLink) -> Bool {
    link.left.received == link.right.work.total && link.right.received == link.left.work.total
        && !link.left.isWrong && !link.right.isWrong && link.left.failure == nil && link.right.failure == nil
}

/// What there is to say when a run went wrong.
func story(_ link: SimulatedLink) -> Comment {
    let (left, right) = (link.left, link.right)
    return """
        left \(left.connection.state) sent \(left.written) got \(left.received) \(String(describing: left.failure)); \
        right \(right.connection.state) sent \(right.written) got \(right.received) \
        \(String(describing: right.failure)); \(link.now.nanoseconds / 1_000_000) ms, \(link.segments) segments; \
        wrong \(left.isWrong) \(right.isWrong)
        """
}

@Suite struct TransferTests {
    @Test func `a clean link carries both streams and both ends close`() {
        let link = link(
            LinkFaults(), Workload(total: 300_000), Workload(total: 200_000, closesFirst: false), seed: 1)
        #expect(link.run())
        #expect(isComplete(link), story(link))
        #expect(link.left.connection.state == .timeWait)
        #expect(link.right.connection.state == .closed)
    }

    @Test(arguments: [1, 2, 7, 536, 1459, 1460, 4096, 65536])
    func `writes of any size arrive`(_ chunk: Int) {
        let total = min(chunk * 3000, 200_000)
        for nagle in [true, false] {
            let link = link(
                LinkFaults(loss: 10), Workload(total: total, chunk: chunk), Workload(), seed: UInt64(chunk)
            ) { configuration, _ in configuration.usesNagle = nagle }
            #expect(link.run())
            #expect(isComplete(link), story(link))
        }
    }

    @Test func `both ends closing at once pass through CLOSING and end`() {
        let link = link(LinkFaults(), Workload(total: 10), Workload(total: 10), seed: 3)
        #expect(link.run())
        #expect(isComplete(link), story(link))
    }

    @Test(arguments: 0..<40)
    func `faults of every kind lose nothing, repeat nothing and never stall`(_ group: Int) {
        for offset in 0..<50 {
            let seed = UInt64(group * 50 + offset)
            var random = SeededGenerator(seed: seed &+ 0xABCD)
            var faults = LinkFaults()
            faults.loss = [0, 5, 20, 50, 100, 200][random.below(6)]
            faults.duplication = random.below(2) * random.below(100)
            faults.reordering = random.below(2) * random.below(200)
            faults.delay = [50, 1000, 20_000, 100_000][random.below(4)]
            faults.jitter = random.below(2) * random.below(faults.delay)
            let sizes = [0, 1, 100, 5000, 20_000, 60_000]
            let left = Workload(
                total: sizes[random.below(6)], chunk: 1 + random.below(8192), readSize: 1 + random.below(20_000),
                readPause: random.below(3) / 2 * random.below(50_000))
            let right = Workload(
                total: sizes[random.below(6)], chunk: 1 + random.below(8192), readSize: 1 + random.below(20_000),
                readPause: random.below(3) / 2 * random.below(50_000), closesFirst: random.chance(500))
            let link = link(faults, left, right, seed: seed) { configuration, _ in
                configuration.offersSACK = random.chance(700)
                configuration.offersTimestamps = random.chance(700)
                configuration.offersWindowScaling = random.chance(700)
                configuration.usesNagle = random.chance(700)
                configuration.congestion = random.chance(500) ? .cubic : .newReno
                configuration.receiveCapacity = [1024, 4096, 16384, 65536][random.below(4)]
                configuration.sendCapacity = [1024, 4096, 16384, 65536][random.below(4)]
            }
            let isDone = link.run()
            #expect(isDone && isComplete(link), "seed \(seed): \(story(link))")
        }
    }
}
