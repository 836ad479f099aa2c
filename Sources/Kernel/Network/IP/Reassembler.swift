import Interfaces

/// Puts datagrams together from their fragments (RFC 791 section 3.2, RFC 815, RFC 1122 section 3.3.2) in memory that is made once.
///
/// Bounds: `datagrams` at a time of `size` payload bytes each; the oldest gives way. A datagram with overlapping fragments is
/// dropped, and the rest of its fragments with it until its time is over.
public struct Reassembler: ~Copyable {
    /// What became of a fragment.
    @frozen
    public enum Outcome: Equatable, Sendable {
        /// It was the last one missing: the payload is whole and was handed out.
        case complete
        /// It was kept.
        case incomplete
        /// It repeats what is there, or belongs to a datagram that is being dropped.
        case ignored
        /// It overlaps, or there are too many gaps: the datagram is dropped.
        case dropped
        /// The datagram is longer than a buffer.
        case tooLong
    }

    private struct Slot {
        var isUsed = false
        var isPoisoned = false
        var identification: UInt16 = 0
        var payloadProtocol = IPProtocol.udp
        var source = IPv4Address.unspecified
        var destination = IPv4Address.unspecified
        var deadline = Instant.never
        var holes = FragmentHoles()
        /// The first fragment's header and first 8 bytes are there for "time exceeded".
        var first: IPv4Header?
    }

    private var slots: [Slot]
    private var storage: [UInt8]
    private let size: Int
    private let timeout: Interval

    /// Memory for `datagrams` of `size` bytes; `timeout` after its first fragment a datagram is given up (RFC 1122 wants 60 to 120 s; RFC
    /// 791 15 s, which is what an identification that repeats every 65536 datagrams bears, RFC 4963).
    public init(datagrams: Int = 4, size: Int = 9000, timeout: Interval = .seconds(30)) {
        precondition(size >= IPv4Header.minimumReassemblySize && size <= 65515, "a host takes 576 to 65515 bytes")
        slots = Array(repeating: Slot(), count: datagrams)
        storage = Array(repeating: 0, count: datagrams * size)
        self.size = size
        self.timeout = timeout
    }

    /// When `advance` is to be called next; `.never` when nothing waits.
    public private(set) var deadline = Instant.never

    /// Finds the deadline anew. By index: a slot is too large to be copied for a look.
    private mutating func findDeadline() {
        deadline = .never
        for index in slots.indices where slots[index].isUsed && slots[index].deadline < deadline {
            deadline = slots[index].deadline
        }
    }

    /// Takes the fragment under `header`, whose payload is all of `payload`.
    /// - Parameter consume: gets the payload when it is whole, for the duration of the call, and the header it would have come under, without options.
    public mutating func receive(
        _ header: IPv4Header, _ payload: RawSpan, now: Instant, _ consume: (IPv4Header, RawSpan) -> Void
    ) -> Outcome {
        let first = Int(header.fragmentOffset)
        let index = find(header) ?? begin(header, now)
        guard !slots[index].isPoisoned else { return .ignored }
        guard payload.byteCount <= size, first <= size - payload.byteCount else {
            slots[index].isPoisoned = true
            return .tooLong
        }
        switch slots[index].holes.fill(first..<first + payload.byteCount, isLast: !header.moreFragments) {
        case .duplicate: return .ignored
        case .overlap, .tooMany:
            slots[index].isPoisoned = true
            return .dropped
        case .accepted:
            store(payload, index, header)
            return .incomplete
        case .complete:
            store(payload, index, header)
            slots[index].isUsed = false
            findDeadline()
            let length = slots[index].holes.length ?? 0
            let whole = (slots[index].first ?? header).reassembled(payloadLength: length)
            unsafe consume(whole, storage.span.bytes.extracting(index * size..<index * size + length))
            return .complete
        }
    }

    /// Gives up what took too long.
    /// - Parameter expired: gets the first fragment's header and payload, when it had come: a reason for "time exceeded".
    public mutating func advance(to now: Instant, expired: (IPv4Header, RawSpan) -> Void) {
        guard deadline <= now else { return }
        defer { findDeadline() }
        for index in slots.indices where slots[index].isUsed && slots[index].deadline <= now {
            slots[index].isUsed = false
            guard let header = slots[index].first, !slots[index].isPoisoned else { continue }
            let length = min(header.payload.count, size)
            unsafe expired(header, storage.span.bytes.extracting(index * size..<index * size + length))
        }
    }

    private mutating func store(_ payload: RawSpan, _ index: Int, _ header: IPv4Header) {
        if header.fragmentOffset == 0 { slots[index].first = header }
        let start = index * size + Int(header.fragmentOffset)
        var span = storage.mutableSpan
        var bytes = unsafe span.mutableBytes
        bytes.copy(payload, to: start)
    }

    private func find(_ header: IPv4Header) -> Int? {
        for index in slots.indices where slots[index].isUsed {
            if slots[index].identification == header.identification, slots[index].source == header.source,
                slots[index].destination == header.destination,
                slots[index].payloadProtocol == header.payloadProtocol
            {
                return index
            }
        }
        return nil
    }

    private mutating func begin(_ header: IPv4Header, _ now: Instant) -> Int {
        var index = 0
        for candidate in slots.indices {
            if !slots[candidate].isUsed {
                index = candidate
                break
            }
            if slots[candidate].deadline < slots[index].deadline { index = candidate }
        }
        slots[index] = Slot(
            isUsed: true, identification: header.identification, payloadProtocol: header.payloadProtocol,
            source: header.source, destination: header.destination, deadline: now + timeout)
        findDeadline()
        return index
    }
}
