/// Packets on their way back to this host.
struct LoopbackQueue {
    /// The longest packet.
    static var packetSize: Int { 16 << 10 }
    /// The most packets under way.
    static var capacity: Int { 64 }

    private var packets: [[UInt8]] = []
    private var first = 0

    init() {}

    /// Packets under way.
    var count: Int { packets.count - first }
    /// Whether another one fits.
    var hasRoom: Bool { count < Self.capacity }

    /// Puts a packet of `length` bytes, which `fill` writes, at the end. Drops it when there is no room.
    mutating func append(_ length: Int, _ fill: (inout MutableRawSpan) -> Void) {
        guard hasRoom else { return }
        var packet = [UInt8](repeating: 0, count: length)
        var span = packet.mutableSpan
        // Bytes: every pattern of bits is a value.
        var raw = unsafe span.mutableBytes
        fill(&raw)
        packets.append(packet)
    }

    /// Takes the first packet; nil when there is none.
    mutating func take() -> [UInt8]? {
        guard first < packets.count else { return nil }
        let packet = packets[first]
        first += 1
        if first == packets.count {
            packets.removeAll(keepingCapacity: true)
            first = 0
        } else if first == Self.capacity {
            packets.removeFirst(first)
            first = 0
        }
        return packet
    }
}
