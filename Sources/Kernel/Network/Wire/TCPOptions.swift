/// The options of a TCP segment (RFC 9293 section 3.2, RFC 7323, RFC 2018). Unknown ones are skipped.
@frozen
public struct TCPOptions: Equatable, Sendable {
    private var present: Presence = []
    private var scale: UInt8 = 0
    private var size: UInt16 = 0
    private var stamps = TCPTimestamps(value: 0, echo: 0)
    /// The SACK option.
    public var sack = SACKBlocks()

    @usableFromInline
    struct Presence: OptionSet, Sendable {
        @usableFromInline
        var rawValue: UInt8

        @usableFromInline
        init(rawValue: UInt8) { self.rawValue = rawValue }

        static var maximumSegmentSize: Presence { Presence(rawValue: 1) }
        static var windowScale: Presence { Presence(rawValue: 2) }
        static var sackPermitted: Presence { Presence(rawValue: 4) }
        static var timestamps: Presence { Presence(rawValue: 8) }
    }

    /// No options.
    public init() {}

    private mutating func mark(_ option: Presence, _ isPresent: Bool) {
        if isPresent { present.insert(option) } else { present.remove(option) }
    }

    /// The longest segment the sender takes (RFC 9293 section 3.7.1). With SYN only.
    public var maximumSegmentSize: UInt16? {
        get { present.contains(.maximumSegmentSize) ? size : nil }
        set {
            mark(.maximumSegmentSize, newValue != nil)
            size = newValue ?? 0
        }
    }

    /// By how many bits the sender shifts its windows: up to 14 (RFC 7323 section 2.3). With SYN only.
    public var windowScale: UInt8? {
        get { present.contains(.windowScale) ? scale : nil }
        set {
            mark(.windowScale, newValue != nil)
            scale = newValue ?? 0
        }
    }

    /// The sender understands selective acknowledgements (RFC 2018 section 2). With SYN only.
    public var isSACKPermitted: Bool {
        get { present.contains(.sackPermitted) }
        set { mark(.sackPermitted, newValue) }
    }

    /// Timestamps (RFC 7323 section 3).
    public var timestamps: TCPTimestamps? {
        get { present.contains(.timestamps) ? stamps : nil }
        set {
            mark(.timestamps, newValue != nil)
            stamps = newValue ?? TCPTimestamps(value: 0, echo: 0)
        }
    }

    /// Whether there is nothing but timestamps, or nothing at all when `withTimestamps` is false.
    func isOrdinary(withTimestamps: Bool) -> Bool {
        sack.count == 0 && present == (withTimestamps ? .timestamps : [])
    }

    /// TSval; zero where there are no timestamps.
    var timestampValue: UInt32 { stamps.value }

    /// Bytes that `emit` writes: a multiple of 4.
    public var encodedLength: Int {
        var length = sack.count == 0 ? 0 : 4 + 8 * sack.count
        if present.contains(.timestamps) { length += 12 }
        if present.isDisjoint(with: [.maximumSegmentSize, .windowScale, .sackPermitted]) { return length }
        if present.contains(.maximumSegmentSize) { length += 4 }
        if present.contains(.windowScale) { length += 4 }
        if present.contains(.sackPermitted) { length += 4 }
        return length
    }

    /// Reads options. A known one of another length than its own is skipped like an unknown one.
    /// - Throws: `.malformed(.tcpOptions)` when a length is 0, 1, or more than there is (RFC 9293 section 3.2, MUST-7).
    public init(parsing bytes: RawSpan) throws(WireError) {
        // What nearly every segment has: timestamps alone, as RFC 7323 appendix A lays them out.
        if bytes.byteCount == 12, bytes.word32(0) == 0x0101_080A {
            timestamps = TCPTimestamps(value: bytes.word32(4), echo: bytes.word32(8))
            return
        }
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
            sack = SACKBlocks()
            for index in 0..<(option.byteCount - 2) / 8 {
                let start = SequenceNumber(option.word32(2 + 8 * index))
                sack.append(SequenceRange(start, SequenceNumber(option.word32(6 + 8 * index))))
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
        guard sack.count > 0 else { return }
        bytes.set(offset, 0x0101_0500 | UInt32(2 + 8 * sack.count))
        offset += 4
        for index in 0..<sack.count {
            bytes.set(offset, sack[index].start.value)
            bytes.set(offset + 4, sack[index].end.value)
            offset += 8
        }
    }
}
