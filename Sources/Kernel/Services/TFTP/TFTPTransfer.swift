import Interfaces
import Network

/// One file on its way from or to a server (RFC 1350, with the options of RFC 2348 and 2349), a block at a time.
///
/// Pure: it gets packets and times, and gives packets to be sent.
public struct TFTPTransfer: Sendable {
    /// Which way the file goes.
    @frozen
    public enum Direction: Sendable { case get, put }

    /// What a packet meant.
    @frozen
    public enum Event: Equatable, Sendable {
        /// Nothing new.
        case nothing
        /// A block of the file; where its bytes lie in the packet.
        case block(Range<Int>)
        /// The last block of the file.
        case lastBlock(Range<Int>)
        /// The server wants the next block: `supply` it.
        case wantsBlock
        /// The server has the whole file.
        case finished
    }

    private enum Stage { case requested, running, finished }

    /// Which way.
    public let direction: Direction
    /// Bytes of a block; the last one has fewer.
    public private(set) var blockSize = Self.plainBlockSize
    /// The file's size, where the server tells.
    public private(set) var size: UInt64?
    /// Packets sent again.
    public private(set) var repetitions: UInt64 = 0
    /// When `advance` has something to do.
    public private(set) var deadline: Instant
    /// The packet that was sent last, until it is answered.
    public private(set) var packet: [UInt8]

    private let wanted: Int
    /// Whether the size of the file was asked about, or told.
    private let asksForSize: Bool
    private var stage = Stage.requested
    /// The number of the last block that was received, or is being sent. It wraps to 0.
    private var block: UInt16 = 0
    private var isLast = false
    /// Whether the server has the block that was sent last.
    private var isAcknowledged = true
    private var attempts = 0

    /// Bytes of a block without options.
    public static var plainBlockSize: Int { 512 }
    /// How often a packet is sent before the transfer is given up.
    public static var maximumAttempts: Int { 6 }
    private static var firstWait: Interval { .seconds(1) }

    /// A transfer of the file `name`, whose request is in `packet`. Of a file to be `put`, `size` is told.
    /// - Parameter blockSize: what is asked for; the usual one fits an Ethernet frame.
    /// - Throws: `.invalidName`.
    public init(
        _ direction: Direction, _ name: [UInt8], size: UInt64? = nil, blockSize: Int = 1428, now: Instant
    ) throws(TFTPError) {
        guard (1...255).contains(name.count), !name.contains(0) else { throw .invalidName }
        self.direction = direction
        wanted = min(65464, max(8, blockSize))
        packet = [0, direction == .get ? 1 : 2] + name + [0]
        packet += Array("octet".utf8) + [0] + Array("blksize".utf8) + [0] + Self.decimal(UInt64(wanted)) + [0]
        packet += Array("tsize".utf8) + [0] + Self.decimal(size ?? 0) + [0]
        asksForSize = direction == .get || size != nil
        if !asksForSize { packet.removeLast(8) }
        deadline = now + Self.firstWait
        attempts = 1
    }

    private static func decimal(_ value: UInt64) -> [UInt8] {
        var digits: [UInt8] = []
        var rest = value
        repeat {
            digits.append(0x30 + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        return digits.reversed()
    }

    /// Whether the whole file is over. A `get` still answers a server that has not heard so.
    public var isFinished: Bool { stage == .finished }

    private mutating func send(_ packet: [UInt8], now: Instant) {
        self.packet = packet
        attempts = 1
        deadline = now + Self.firstWait
    }

    /// Whether `packet` is to be sent again at `now`.
    /// - Throws: `.timedOut` when it was sent often enough.
    public mutating func advance(to now: Instant) throws(TFTPError) -> Bool {
        guard now >= deadline else { return false }
        guard attempts < Self.maximumAttempts else { throw .timedOut }
        // A second, two, four, and then four.
        deadline = now + .seconds(1 << UInt64(min(attempts, 2)))
        attempts += 1
        repetitions += 1
        return true
    }

    /// Takes a packet from the server. Afterwards `packet` is to be sent, if `hasReply` says so.
    /// - Throws: `.malformed`, `.refused`, `.badOption`; the transfer is over.
    public mutating func receive(_ bytes: RawSpan, now: Instant) throws(TFTPError) -> (event: Event, hasReply: Bool) {
        switch try TFTPPacket(parsing: bytes) {
        case .error(let code, let words): throw .refused(code, words)
        case .options(let blockSize, let size): return try take(blockSize, size, now: now)
        case .acknowledgement(let number): return try take(number, now: now)
        case .data(let number, let content): return try take(number, content, now: now)
        }
    }

    private mutating func take(
        _ blockSize: Int?, _ size: UInt64?, now: Instant
    ) throws(TFTPError) -> (event: Event, hasReply: Bool) {
        // The answer to a request that was sent twice comes twice.
        guard stage == .requested else { return (.nothing, direction == .get && block == 0) }
        // A server answers what it was asked, and something of it (RFC 2347).
        guard size == nil || asksForSize, size != nil || blockSize != nil else { throw .badOption }
        if let blockSize {
            guard blockSize <= wanted else { throw .badOption }
            self.blockSize = blockSize
        }
        self.size = size
        stage = .running
        if direction == .put { return (.wantsBlock, false) }
        send([0, 4, 0, 0], now: now)
        return (.nothing, true)
    }

    private mutating func take(_ number: UInt16, now: Instant) throws(TFTPError) -> (event: Event, hasReply: Bool) {
        guard direction == .put else { throw .malformed }
        if stage == .requested {
            guard number == 0 else { throw .malformed }
            stage = .running
            return (.wantsBlock, false)
        }
        // Acknowledgements that come again are not answered, or every block would go twice from then on.
        guard stage == .running, number == block, !isAcknowledged else { return (.nothing, false) }
        isAcknowledged = true
        if isLast {
            stage = .finished
            return (.finished, false)
        }
        return (.wantsBlock, false)
    }

    /// The next block of a file that is `put`, after `.wantsBlock`; one shorter than `blockSize` is the last. `packet` is then to be
    /// sent.
    public mutating func supply(_ content: [UInt8], now: Instant) {
        let content = content.count > blockSize ? Array(content[..<blockSize]) : content
        block &+= 1
        isAcknowledged = false
        isLast = content.count < blockSize
        send([0, 3, UInt8(block >> 8), UInt8(block & 255)] + content, now: now)
    }

    private mutating func take(
        _ number: UInt16, _ content: Range<Int>, now: Instant
    ) throws(TFTPError) -> (event: Event, hasReply: Bool) {
        guard direction == .get, content.count <= blockSize else { throw .malformed }
        // One that came already: its acknowledgement was lost.
        guard number == block &+ 1, stage != .finished else {
            return (.nothing, number == block && stage != .requested)
        }
        stage = content.count < blockSize ? .finished : .running
        block = number
        send([0, 4, UInt8(block >> 8), UInt8(block & 255)], now: now)
        return (stage == .finished ? .lastBlock(content) : .block(content), true)
    }
}
