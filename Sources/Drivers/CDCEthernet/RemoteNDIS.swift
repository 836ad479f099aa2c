// Remote NDIS: messages of little-endian words, the first two of which are type and length. "[MS-RNDIS]: Remote Network Driver Interface Specification".

/// The messages of RNDIS.
enum RemoteNDIS {
    /// Types of messages; bit 31 makes the answer.
    enum Kind {
        static var packet: UInt32 { 1 }
        static var initialize: UInt32 { 2 }
        static var query: UInt32 { 4 }
        static var set: UInt32 { 5 }
        static var indicate: UInt32 { 7 }
        static var keepAlive: UInt32 { 8 }
        static var answer: UInt32 { 1 << 31 }
    }

    /// What can be asked for and set.
    enum Object {
        /// OID_GEN_CURRENT_PACKET_FILTER.
        static var filter: UInt32 { 0x0001_010E }
        /// OID_802_3_PERMANENT_ADDRESS.
        static var permanentAddress: UInt32 { 0x0101_0101 }
    }

    /// What an adapter tells unasked.
    enum Status {
        static var connected: UInt32 { 0x4001_000B }
        static var disconnected: UInt32 { 0x4001_000C }
    }

    /// Filters: what is let through.
    enum Filter {
        /// Frames for the interface, for groups, for everybody.
        static var usual: UInt32 { 1 | 2 | 4 | 8 }
        static var promiscuous: UInt32 { 0x20 }
    }

    /// Bytes before a frame.
    static var packetHeader: Int { 44 }

    /// Writes the header of a frame of `length` bytes; `set` writes a word at an offset.
    static func describePacket(_ length: Int, _ set: (UInt32, Int) -> Void) {
        set(Kind.packet, 0)
        set(UInt32(packetHeader + length), 4)
        // From this word's own place.
        set(UInt32(packetHeader - 8), 8)
        set(UInt32(length), 12)
        for offset in stride(from: 16, to: packetHeader, by: 4) { set(0, offset) }
    }

    /// The frame in the message at the beginning of `range` (44 bytes at least), and where the message ends. Nil when it is none, or says
    /// what cannot be. `word` reads at an offset.
    static func packet(in range: Range<Int>, word: (Int) -> UInt32) -> (frame: Range<Int>, end: Int)? {
        let start = range.lowerBound
        guard word(start) == Kind.packet else { return nil }
        let length = Int(word(start + 4))
        let offset = Int(word(start + 8))
        let count = Int(word(start + 12))
        guard length >= packetHeader, length <= range.count, offset >= packetHeader - 8, offset + 8 <= length,
            count <= length - offset - 8
        else { return nil }
        let first = start + 8 + offset
        return (first..<first + count, start + length)
    }

    /// A message as bytes.
    static func message(_ words: [UInt32]) -> [UInt8] {
        var bytes: [UInt8] = []
        for word in words {
            for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(word >> shift & 0xFF)) }
        }
        return bytes
    }
}

/// A message that is read.
struct RemoteNDISMessage {
    let bytes: [UInt8]

    /// The message in `bytes`; nil when it is shorter than its beginning says, or has none.
    init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        guard bytes.count >= 8, Int(self[1]) >= 8, Int(self[1]) <= bytes.count else { return nil }
    }

    /// Word `index`; zero past the end.
    subscript(index: Int) -> UInt32 {
        guard index >= 0, index * 4 + 4 <= bytes.count else { return 0 }
        return bytes[index * 4..<index * 4 + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    var kind: UInt32 { self[0] }

    /// The information of the answer to a query: `count` bytes.
    func information(_ count: Int) -> [UInt8]? {
        guard Int(self[4]) == count else { return nil }
        let start = 8 + Int(self[5])
        guard start + count <= bytes.count else { return nil }
        return Array(bytes[start..<start + count])
    }
}
