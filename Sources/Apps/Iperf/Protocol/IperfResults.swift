/// What one end has measured, as it tells the other.
public struct IperfResults: Equatable, Sendable {
    /// What one stream carried.
    public struct Stream: Equatable, Sendable {
        /// Its number: see `IperfParameters.identifier`.
        public var identifier: Int
        /// Bytes that this end sent, or received.
        public var bytes: UInt64
        /// Segments that this end sent again; nil where it does not know.
        public var retransmits: UInt64?
        /// How long data flowed, in microseconds.
        public var microseconds: UInt64

        /// A stream.
        public init(identifier: Int, bytes: UInt64, retransmits: UInt64?, microseconds: UInt64) {
            self.identifier = identifier
            self.bytes = bytes
            self.retransmits = retransmits
            self.microseconds = microseconds
        }

        init?(_ json: JSON) {
            guard let identifier = json["id"]?.number, let bytes = json["bytes"]?.number,
                let retransmits = json["retransmits"]?.number
            else { return nil }
            self.identifier = Int(clamping: identifier.whole)
            self.bytes = bytes.count
            self.retransmits = retransmits.isNegative ? nil : retransmits.count
            let start = json["start_time"]?.number?.inMillionths ?? 0
            let end = json["end_time"]?.number?.inMillionths ?? 0
            microseconds = end > start ? end - start : 0
        }

        var json: JSON {
            let zero = JSON.number(Decimal(Int64(0)))
            return .object([
                .init("id", .number(Decimal(Int64(identifier)))), .init("bytes", .number(Decimal(bytes))),
                .init("retransmits", .number(retransmits.map { Decimal($0) } ?? Decimal(Int64(-1)))),
                .init("jitter", zero), .init("errors", zero), .init("omitted_errors", zero), .init("packets", zero),
                .init("omitted_packets", zero), .init("start_time", zero),
                .init("end_time", .number(Decimal(millionths: microseconds))),
            ])
        }
    }

    /// The share of the processor that was busy, in millionths of a per cent.
    public var busyShare: UInt64 = 0
    /// Whether this end sends and knows what it sent again.
    public var knowsRetransmits = false
    /// Each stream.
    public var streams: [Stream] = []

    /// Nothing measured.
    public init() {}

    /// Reads what the other end has measured; nil when it makes no sense.
    public init?(_ json: JSON) {
        guard case .object = json, let list = json["streams"] else { return nil }
        busyShare = json["cpu_util_total"]?.number?.inMillionths ?? 0
        knowsRetransmits = json["sender_has_retransmits"]?.number == Decimal(Int64(1))
        for element in list.elements {
            guard let stream = Stream(element), streams.count < 2 * IperfParameters.maximumStreams else { return nil }
            streams.append(stream)
        }
    }

    /// What the other end is sent.
    public var json: JSON {
        let share = JSON.number(Decimal(millionths: busyShare))
        return .object([
            .init("cpu_util_total", share), .init("cpu_util_user", .number(Decimal(Int64(0)))),
            .init("cpu_util_system", share),
            .init("sender_has_retransmits", .number(Decimal(Int64(knowsRetransmits ? 1 : 0)))),
            .init("congestion_used", .string(("cubic" as StaticString).octets)),
            .init("streams", .array(streams.map { $0.json })),
        ])
    }

    /// Bytes of all streams.
    public var bytes: UInt64 { streams.reduce(0) { $0 &+ $1.bytes } }
}
