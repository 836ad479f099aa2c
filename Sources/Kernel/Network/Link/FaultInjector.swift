import Interfaces

/// A bad link: loses, repeats, corrupts, delays and reorders frames, by chances from a seed. Frames go in as into any sink and come out
/// by `deliver`. Keeps copies and allocates: for tests and experiments, not for packet paths that count.
public struct FaultInjector: FrameSink {
    /// What the link does to frames. Chances are in thousandths.
    public struct Faults: Sendable {
        /// Chance that a frame is lost.
        public var loss = 0
        /// Chance that a frame comes twice.
        public var duplication = 0
        /// Chance that one bit of a frame is wrong.
        public var corruption = 0
        /// Chance that a frame is held back for another `delay`, so that later ones overtake it.
        public var reordering = 0
        /// How long every frame is under way.
        public var delay = Interval.milliseconds(0)
        /// How much longer a frame may be under way, at random.
        public var jitter = Interval.milliseconds(0)

        /// A perfect link.
        public init() {}
    }

    private struct Frame {
        var bytes: [UInt8]
        var due: Instant
        var order: UInt64
    }

    /// What the link does to frames from now on.
    public var faults: Faults
    /// The time: of what goes in next.
    public var now = Instant(nanoseconds: 0)
    /// How many frames were lost.
    public private(set) var lost = 0
    private var underWay: [Frame] = []
    private var random: UInt64
    private var order: UInt64 = 0

    /// A link with `faults` that behaves the same for the same `seed`.
    public init(_ faults: Faults, seed: UInt64) {
        self.faults = faults
        random = seed
    }

    /// When the next frame arrives; `.never` when none is under way.
    public var deadline: Instant {
        var first = Instant.never
        for frame in underWay where frame.due < first { first = frame.due }
        return first
    }

    /// Takes a frame.
    public mutating func transmit(
        _ length: Int, on interface: InterfaceID, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) {
        var bytes = [UInt8](repeating: 0, count: length)
        var span = bytes.mutableSpan
        // Bytes: every pattern of bits is a value.
        var raw = unsafe span.mutableBytes
        fill(&raw)
        if happens(faults.loss) {
            lost += 1
            return
        }
        let copies = happens(faults.duplication) ? 2 : 1
        for _ in 0..<copies {
            var copy = bytes
            if length > 0, happens(faults.corruption) { copy[Int(next() % UInt64(length))] ^= 1 << UInt8(next() & 7) }
            var due = now + faults.delay
            if faults.jitter.nanoseconds > 0 { due = due + .nanoseconds(next() % faults.jitter.nanoseconds) }
            if happens(faults.reordering) { due = due + max(faults.delay, .milliseconds(1)) }
            order += 1
            underWay.append(Frame(bytes: copy, due: due, order: order))
        }
    }

    /// Hands out the frames that arrive until `now`, in the order of their arrival.
    public mutating func deliver(until now: Instant, _ consume: (RawSpan) -> Void) {
        self.now = now
        while let index = firstIndex(until: now) {
            let frame = underWay.remove(at: index)
            unsafe consume(frame.bytes.span.bytes)
        }
    }

    private func firstIndex(until now: Instant) -> Int? {
        var found: Int?
        for index in underWay.indices where underWay[index].due <= now {
            let (frame, best) = (underWay[index], found.map { underWay[$0] })
            if let best, (best.due, best.order) < (frame.due, frame.order) { continue }
            found = index
        }
        return found
    }

    private mutating func happens(_ chance: Int) -> Bool { chance > 0 && next() % 1000 < UInt64(chance) }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        random &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (random ^ (random >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
