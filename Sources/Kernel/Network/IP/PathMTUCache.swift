import Interfaces

/// The size of packet that reaches each destination (RFC 1191), for those where it is below the link's.
public struct PathMTUCache: Sendable {
    private struct Entry {
        var destination = IPv4Address.unspecified
        var size = 0
        var expiry = Instant(nanoseconds: 0)
    }

    /// Sizes that links have (RFC 1191 section 7.1), for routers that do not say theirs.
    private static let plateaus: [4 of Int] = [1492, 1006, 508, 296]
    private var entries: [Entry]
    private let lifetime: Interval
    private let minimum: Int

    /// A cache of `capacity` destinations. After `lifetime` a larger size is tried again (section 6.3). Reports of less than `minimum` are
    /// taken for `minimum`: nobody uses such links, but forged reports have made hosts send crumbs.
    public init(capacity: Int = 32, lifetime: Interval = .seconds(600), minimum: Int = 552) {
        precondition(capacity > 0 && minimum >= IPv4Header.minimumLinkSize, "a path carries at least 68 bytes")
        entries = Array(repeating: Entry(), count: capacity)
        self.lifetime = lifetime
        self.minimum = minimum
    }

    /// The largest packet, header included, to send to `destination` over a link of `linkSize`.
    public func size(to destination: IPv4Address, linkSize: Int, now: Instant) -> Int {
        for index in entries.indices where entries[index].destination == destination && now < entries[index].expiry {
            return min(entries[index].size, linkSize)
        }
        return linkSize
    }

    /// Notes the report that a packet of `packetSize` bytes did not fit a link of `reported` bytes (0: not said). The caller has made
    /// sure that the packet was one of ours, as RFC 5927 section 7 asks.
    /// - Returns: the new size; nil when the report changes nothing, as when it would make the size larger.
    public mutating func reduce(
        _ destination: IPv4Address, packetSize: Int, reported: Int, linkSize: Int, now: Instant
    ) -> Int? {
        let current = size(to: destination, linkSize: linkSize, now: now)
        let proposed = reported == 0 ? plateau(below: min(packetSize, current)) : reported
        let size = max(proposed, minimum)
        guard size < current else { return nil }
        var index = 0
        for candidate in entries.indices {
            if entries[candidate].destination == destination {
                index = candidate
                break
            }
            if entries[candidate].expiry < entries[index].expiry { index = candidate }
        }
        entries[index] = Entry(destination: destination, size: size, expiry: now + lifetime)
        return size
    }

    private func plateau(below size: Int) -> Int {
        for index in 0..<4 where Self.plateaus[index] < size { return Self.plateaus[index] }
        return minimum
    }
}
