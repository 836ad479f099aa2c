/// The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit words.
///
/// Parts are added in the order in which they lie in the packet; a part of odd length may be followed by others. The sum is kept in the
/// machine's own byte order, which RFC 1071 section 2(B) allows, and turned once at the end.
@frozen
public struct InternetChecksum: Equatable, Sendable {
    private var sum: UInt64 = 0
    private var isOdd = false

    /// The checksum of nothing.
    public init() {}

    /// The checksum of `bytes`.
    public init(_ bytes: RawSpan) { add(bytes) }

    /// The pseudo header of UDP and TCP (RFC 768, RFC 9293 section 3.1) for a packet of `length` bytes.
    public init(pseudoHeader source: IPv4Address, _ destination: IPv4Address, _ number: IPProtocol, length: Int) {
        // A 32-bit word counts as its two halves: 2^16 leaves 1 when it is divided by 2^16 - 1.
        sum = UInt64(source.bits.bigEndian) + UInt64(destination.bits.bigEndian)
        sum += UInt64(UInt16(number.rawValue).bigEndian) + UInt64(UInt16(truncatingIfNeeded: length).bigEndian)
    }

    /// The checksum to send. A receiver that adds up everything, this included, gets 0.
    public var value: UInt16 { ~UInt16(bigEndian: Self.fold(sum)) }

    /// The sum before it is complemented: what a device wants in the field of a checksum it completes.
    public var partialSum: UInt16 { UInt16(bigEndian: Self.fold(sum)) }

    /// Whether what was added, its checksum included, arrived as it was sent.
    public var isValid: Bool { Self.fold(sum) == 0xFFFF }

    /// Adds a 16-bit number as it is sent.
    public mutating func add(_ word: UInt16) { addWord(word.bigEndian) }

    /// Adds a 32-bit number as it is sent.
    public mutating func add(_ word: UInt32) {
        add(UInt16(truncatingIfNeeded: word >> 16))
        add(UInt16(truncatingIfNeeded: word))
    }

    /// Adds the sum of bytes that somebody else, such as a device, has added up already; they are of even number.
    public mutating func add(partialSum: UInt16) { addWord(partialSum.bigEndian) }

    /// Adds `bytes`.
    public mutating func add(_ bytes: RawSpan) {
        addWord(unsafe bytes.withUnsafeBytes { unsafe Self.sum(of: $0) })
        if bytes.byteCount & 1 != 0 { isOdd.toggle() }
    }

    /// The checksum after the 16-bit word `old` under it became `new`, without a look at the rest (RFC 1624 section 3, equation 3).
    public static func updated(_ checksum: UInt16, replacing old: UInt16, by new: UInt16) -> UInt16 {
        ~UInt16(fold(UInt64(~checksum) + UInt64(~old) + UInt64(new)))
    }

    private mutating func addWord(_ word: UInt16) { sum &+= UInt64(isOdd ? word.byteSwapped : word) }

    /// `sum` in 16 bits, carries added back.
    private static func fold(_ sum: UInt64) -> UInt16 {
        var folded = (sum & 0xFFFF_FFFF) + (sum >> 32)
        while folded >> 16 != 0 { folded = (folded & 0xFFFF) + (folded >> 16) }
        return UInt16(folded)
    }

    /// The sum of the words of `bytes` in the machine's order; a last odd byte counts as followed by zero.
    ///
    /// Reads words at their natural alignment only: the board's code is compiled for strict alignment, where another load would
    /// be eight. Invariant behind each `unsafe`: `offset` and the width read lie within `count`.
    private static func sum(of bytes: UnsafeRawBufferPointer) -> UInt16 {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return 0 }
        let count = bytes.count
        var (offset, sum) = (0, UInt64(0))
        // The header of almost every IPv4 packet, where drivers put it.
        if count == 20, UInt(bitPattern: base) & 3 == 0 {
            while offset < 20 {
                sum &+= UInt64(unsafe base.load(fromByteOffset: offset, as: UInt32.self))
                offset &+= 4
            }
            return fold(sum)
        }
        let startsOdd = UInt(bitPattern: base) & 1 != 0
        if startsOdd {
            sum = UInt64(UInt16(bigEndian: UInt16(unsafe base.load(as: UInt8.self))))
            offset = 1
        }
        while (UInt(bitPattern: base) &+ UInt(offset)) & 7 != 0, count - offset >= 2 {
            sum += UInt64(unsafe base.load(fromByteOffset: offset, as: UInt16.self))
            offset += 2
        }
        // The carries of four words are counted rather than added at once: an addition and a conditional increment a word.
        var carries: UInt64 = 0
        while count - offset >= 32 {
            let block = unsafe base + offset
            unsafe Self.add(block.load(as: UInt64.self), to: &sum, &carries)
            unsafe Self.add(block.load(fromByteOffset: 8, as: UInt64.self), to: &sum, &carries)
            unsafe Self.add(block.load(fromByteOffset: 16, as: UInt64.self), to: &sum, &carries)
            unsafe Self.add(block.load(fromByteOffset: 24, as: UInt64.self), to: &sum, &carries)
            offset += 32
        }
        sum = add(sum, carries)
        while count - offset >= 8 {
            sum = unsafe add(sum, base.load(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        while count - offset >= 2 {
            sum = unsafe add(sum, UInt64(base.load(fromByteOffset: offset, as: UInt16.self)))
            offset += 2
        }
        if offset < count {
            let last = unsafe base.load(fromByteOffset: offset, as: UInt8.self)
            sum = add(sum, UInt64(UInt16(bigEndian: UInt16(last) << 8)))
        }
        return startsOdd ? fold(sum).byteSwapped : fold(sum)
    }

    @inline(__always)
    private static func add(_ word: UInt64, to sum: inout UInt64, _ carries: inout UInt64) {
        sum &+= word
        carries &+= sum < word ? 1 : 0
    }

    @inline(__always)
    private static func add(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (sum, carry) = left.addingReportingOverflow(right)
        return carry ? sum &+ 1 : sum
    }
}
