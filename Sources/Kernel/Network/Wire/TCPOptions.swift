/// A range of sequence numbers that arrived out of order (RFC 2018 section 3).
@frozen
public struct SACKBlock: Hashable, Sendable {
    /// The number of the first byte.
    public var start: UInt32
    /// The number after the last byte.
    public var end: UInt32

    /// The bytes from `start` up to `end`.
    @inlinable
    public init(_ start: UInt32, _ end: UInt32) {
        self.start = start
        self.end = end
    }
}

/// The timestamps of a segment (RFC 7323 section 3.2).
@frozen
public struct TCPTimestamps: Hashable, Sendable {
    /// The sender's clock.
    public var value: UInt32
    /// The value that the sender echoes; without ACK it means nothing.
    public var echo: UInt32

    /// A pair of timestamps.
    @inlinable
    public init(value: UInt32, echo: UInt32) {
        self.value = value
        self.echo = echo
    }
}

/// The options of a TCP segment (RFC 9293 section 3.2, RFC 7323, RFC 2018). Unknown ones are skipped.
@frozen
public struct TCPOptions: Equatable, Sendable {
    /// The longest segment the sender takes (RFC 9293 section 3.7.1). With SYN only.
    public var maximumSegmentSize: UInt16?
    /// By how many bits the sender shifts its windows: up to 14 (RFC 7323 section 2.3). With SYN only.
    public var windowScale: UInt8?
    /// The sender understands selective acknowledgements. With SYN only.
    public var isSACKPermitted = false
    /// Timestamps.
    public var timestamps: TCPTimestamps?
    /// How many of `sackBlocks` count: 0 to 4.
    public private(set) var sackCount = 0
    private var blocks = (SACKBlock(0, 0), SACKBlock(0, 0), SACKBlock(0, 0), SACKBlock(0, 0))

    /// No options.
    public init() {}

    /// Block `index`, below `sackCount`, in the order of sending.
    public func sackBlock(_ index: Int) -> SACKBlock {
        precondition(index >= 0 && index < sackCount, "no such SACK block")
        switch index {
        case 0: return blocks.0
        case 1: return blocks.1
        case 2: return blocks.2
        default: return blocks.3
        }
    }

    /// Adds a block. Does nothing when there is no room: four fit, three beside timestamps.
    public mutating func append(_ block: SACKBlock) {
        guard sackCount < (timestamps == nil ? 4 : 3) else { return }
        store(block)
    }

    private mutating func store(_ block: SACKBlock) {
        switch sackCount {
        case 0: blocks.0 = block
        case 1: blocks.1 = block
        case 2: blocks.2 = block
        default: blocks.3 = block
        }
        sackCount += 1
    }

    /// Bytes that `emit` writes: a multiple of 4.
    public var encodedLength: Int {
        (maximumSegmentSize == nil ? 0 : 4) + (windowScale == nil ? 0 : 4) + (isSACKPermitted ? 4 : 0)
            + (timestamps == nil ? 0 : 12) + (sackCount == 0 ? 0 : 4 + 8 * sackCount)
    }

    /// Reads options. A known one of another length than its own is skipped like an unknown one.
    /// - Throws: `.malformed(.tcpOptions)` when a length is 0, 1, or more than there is (RFC 9293 section 3.2, MUST-7).
    public init(parsing bytes: RawSpan) throws(WireError) {
        var offset = 0
        while offset < bytes.byteCount {
            let kind = bytes.byte(offset)
            if kind == 0 { return }
            if kind == 1 {
                offset += 1
                continue
            }
            guard offset + 1 < bytes.byteCount else { throw .malformed(.tcpOptions) }
            let length = Int(bytes.byte(offset + 1))
            guard length >= 2, length <= bytes.byteCount - offset else { throw .malformed(.tcpOptions) }
            read(kind, bytes.extracting(offset..<offset + length))
            offset += length
        }
    }

    private mutating func read(_ kind: UInt8, _ option: RawSpan) {
        switch (kind, option.byteCount) {
        case (2, 4): maximumSegmentSize = option.word16(2)
        case (3, 3): windowScale = min(option.byte(2), 14)
        case (4, 2): isSACKPermitted = true
        case (5, 10), (5, 18), (5, 26), (5, 34):
            sackCount = 0
            for index in 0..<(option.byteCount - 2) / 8 {
                store(SACKBlock(option.word32(2 + 8 * index), option.word32(6 + 8 * index)))
            }
        case (8, 10): timestamps = TCPTimestamps(value: option.word32(2), echo: option.word32(6))
        default: break
        }
    }

    /// Writes `encodedLength` bytes at `start`, each option padded in front so that its numbers are aligned (RFC 7323 appendix A).
    func emit(into bytes: inout MutableRawSpan, at start: Int) {
        var offset = start
        if let maximumSegmentSize {
            bytes.set(offset, 0x0204_0000 | UInt32(maximumSegmentSize))
            offset += 4
        }
        if let windowScale {
            bytes.set(offset, 0x0103_0300 | UInt32(windowScale))
            offset += 4
        }
        if isSACKPermitted {
            bytes.set(offset, UInt32(0x0101_0402))
            offset += 4
        }
        if let timestamps {
            bytes.set(offset, UInt32(0x0101_080A))
            bytes.set(offset + 4, timestamps.value)
            bytes.set(offset + 8, timestamps.echo)
            offset += 12
        }
        guard sackCount > 0 else { return }
        bytes.set(offset, 0x0101_0500 | UInt32(2 + 8 * sackCount))
        offset += 4
        for index in 0..<sackCount {
            bytes.set(offset, sackBlock(index).start)
            bytes.set(offset + 4, sackBlock(index).end)
            offset += 8
        }
    }

    /// Whether `left` and `right` say the same.
    public static func == (left: TCPOptions, right: TCPOptions) -> Bool {
        guard left.maximumSegmentSize == right.maximumSegmentSize, left.windowScale == right.windowScale,
            left.isSACKPermitted == right.isSACKPermitted, left.timestamps == right.timestamps,
            left.sackCount == right.sackCount
        else { return false }
        for index in 0..<left.sackCount where left.sackBlock(index) != right.sackBlock(index) { return false }
        return true
    }
}
