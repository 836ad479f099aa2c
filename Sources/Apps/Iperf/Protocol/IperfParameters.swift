/// What a test is to do: what the client sends first.
public struct IperfParameters: Equatable, Sendable {
    /// How many connections carry data in each direction, 1 to 128.
    public var streamCount = 1
    /// Whether the server sends.
    public var isReversed = false
    /// Whether both send.
    public var isBidirectional = false
    /// How long to send, in seconds; 0 where bytes or blocks say when it is over.
    public var seconds: UInt64 = 10
    /// Seconds at the beginning that do not count.
    public var omittedSeconds: UInt64 = 0
    /// How many bytes to send in all; 0 for as many as the time allows.
    public var byteCount: UInt64 = 0
    /// How many blocks to send in all; 0 for as many as the time allows.
    public var blockCount: UInt64 = 0
    /// Bytes of a block: of one write.
    public var blockSize = 128 << 10
    /// Whether small segments go out at once.
    public var hasNoDelay = false
    /// Whether the client asks to be told what the server prints.
    public var wantsServerOutput = false

    /// The most connections in one direction.
    public static let maximumStreams = 128
    /// The largest block.
    public static let maximumBlockSize = 1 << 20

    /// The defaults of iperf3.
    public init() {}

    /// Reads what a client asks for.
    /// - Throws: what of it is not done here.
    public init(_ json: JSON) throws(IperfRefusal) {
        guard case .object = json else { throw .malformed }
        // What iperf3 calls "udp" and "sctp" stand in place of "tcp".
        if json["udp"]?.isTrue == true || json["sctp"]?.isTrue == true || json["tcp"]?.isTrue != true {
            throw .notTCP
        }
        if json["authtoken"] != nil { throw .authentication }
        seconds = Self.count(json["time"]) ?? 0
        omittedSeconds = Self.count(json["omit"]) ?? 0
        byteCount = Self.count(json["num"]) ?? 0
        blockCount = Self.count(json["blockcount"]) ?? 0
        guard let streams = Self.count(json["parallel"]), (1...UInt64(Self.maximumStreams)).contains(streams),
            let size = Self.count(json["len"]), size > 0
        else { throw .malformed }
        streamCount = Int(streams)
        blockSize = min(Int(clamping: size), Self.maximumBlockSize)
        isReversed = json["reverse"]?.isTrue == true
        isBidirectional = json["bidirectional"]?.isTrue == true
        hasNoDelay = json["nodelay"]?.isTrue == true
        wantsServerOutput = json["get_server_output"]?.isTrue == true
    }

    private static func count(_ json: JSON?) -> UInt64? { json?.number?.count }

    /// What a client of these parameters sends.
    public var json: JSON {
        var members: [JSON.Member] = [
            .init("tcp", .bool(true)), .init("omit", .number(Decimal(omittedSeconds))),
            .init("time", .number(Decimal(seconds))), .init("num", .number(Decimal(byteCount))),
            .init("blockcount", .number(Decimal(blockCount))), .init("parallel", .number(Decimal(Int64(streamCount)))),
            .init("len", .number(Decimal(Int64(blockSize)))), .init("pacing_timer", .number(Decimal(Int64(1000)))),
            .init("client_version", .string(("3.12" as StaticString).octets)),
        ]
        if isReversed { members.append(.init("reverse", .bool(true))) }
        if isBidirectional { members.append(.init("bidirectional", .bool(true))) }
        if hasNoDelay { members.append(.init("nodelay", .bool(true))) }
        return .object(members)
    }

    /// Bytes at which a test is over that is bounded by them; nil for one that is bounded by time.
    public var byteLimit: UInt64? {
        if byteCount > 0 { return byteCount }
        guard blockCount > 0 else { return nil }
        let (product, isTooLarge) = blockCount.multipliedReportingOverflow(by: UInt64(blockSize))
        return isTooLarge ? .max : product
    }

    /// Whether stream `index` carries data from the client to the server. In both directions, those come first.
    public func isFromClient(_ index: Int) -> Bool {
        isBidirectional ? index < streamCount : !isReversed
    }

    /// How many connections carry data.
    public var connectionCount: Int { isBidirectional ? 2 * streamCount : streamCount }

    /// The number of stream `index` in results: iperf3 counts 1, 3, 4, 5 and so on.
    public static func identifier(_ index: Int) -> Int { index == 0 ? 1 : index + 2 }
}

/// Why a test is not made.
public enum IperfRefusal: Error, Equatable, Sendable {
    /// What the client asks for makes no sense.
    case malformed
    /// It asks for another protocol than TCP.
    case notTCP
    /// It wants to prove who it is.
    case authentication

    /// The number by which iperf3 knows the error: IEUNIMP, or IERECVPARAMS.
    public var code: UInt32 { self == .malformed ? 114 : 13 }
}
