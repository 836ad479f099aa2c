/// What a server says, as an interval in which it claims the truth lies.
struct Candidate: Equatable {
    /// Which server.
    var server: Int
    /// How far its clock is ahead of ours, in nanoseconds.
    var offset: Int64
    /// How far the truth may be from that.
    var rootDistance: UInt64
    /// How much its samples differ.
    var jitter: UInt64
}

/// Which of several servers to believe (RFC 5905, section 11.2).
enum ClockSelection {
    /// Those whose intervals have a point in common with those of most: more than half agree, or nobody is believed.
    static func truechimers(_ candidates: [Candidate]) -> [Candidate] {
        guard !candidates.isEmpty else { return [] }
        // The ends of the intervals in order, lower ends first where they meet.
        var ends: [(value: Int64, isLower: Bool)] = []
        for candidate in candidates {
            let distance = Int64(clamping: candidate.rootDistance)
            ends.append((candidate.offset &- distance, true))
            ends.append((candidate.offset &+ distance, false))
        }
        ends.sort { $0.value != $1.value ? $0.value < $1.value : $0.isLower && !$1.isLower }
        var (depth, best) = (0, 0)
        var low: Int64 = 0
        var high: Int64 = 0
        for (index, end) in ends.enumerated() {
            depth += end.isLower ? 1 : -1
            if depth > best {
                best = depth
                low = end.value
                // A place where as many agree lasts until the next end.
                high = index + 1 < ends.count ? ends[index + 1].value : end.value
            }
        }
        guard best * 2 > candidates.count else { return [] }
        return candidates.filter {
            let distance = Int64(clamping: $0.rootDistance)
            return $0.offset &- distance <= high && $0.offset &+ distance >= low
        }
    }

    /// What the survivors say together: each counts by how sure it is (section 11.2.3).
    static func combine(_ survivors: [Candidate]) -> (offset: Int64, distance: UInt64)? {
        guard let best = survivors.min(by: { $0.rootDistance < $1.rootDistance }) else { return nil }
        // Two intervals that meet are no farther apart than twice the longer one, so that no product exceeds 2^42.
        var weights: Int64 = 0
        var sum: Int64 = 0
        for survivor in survivors {
            let weight = (1 << 30) / (Int64(survivor.rootDistance >> 10) + 1)
            weights &+= weight
            sum &+= weight &* (survivor.offset &- best.offset)
        }
        return (best.offset &+ sum / max(weights, 1), best.rootDistance &+ best.jitter)
    }
}
