/// How a payload is cut for a link (RFC 791 section 3.2): every piece but the last a multiple of 8 bytes.
///
///     while let piece = fragmentation.next() { emit piece.header, then payload[piece.range] }
public struct Fragmentation: Sendable {
    /// A piece of the payload, with the header it travels under.
    public struct Piece: Equatable, Sendable {
        /// The header of the fragment.
        public var header: IPv4Header
        /// Which part of the payload it carries.
        public var range: Range<Int>
    }

    /// How many pieces there are.
    public let count: Int
    private let whole: IPv4Header
    private let pieceLength: Int
    private var offset = 0
    private var isDone = false

    /// The pieces of the datagram under `header`, each 20 bytes of header and at most `linkSize` in all. A payload that fits is one piece.
    /// Fails when it does not fit and is not to be fragmented (the sender is told "fragmentation needed"), or when the link is
    /// smaller than links can be.
    public init?(_ header: IPv4Header, linkSize: Int) {
        guard linkSize >= IPv4Header.minimumLinkSize else { return nil }
        whole = header
        let length = header.payload.count
        if length + IPv4Header.length <= linkSize {
            pieceLength = length
            count = 1
            return
        }
        guard !header.dontFragment else { return nil }
        pieceLength = (linkSize - IPv4Header.length) & ~7
        count = (length + pieceLength - 1) / pieceLength
    }

    /// The next piece, in the order of the payload; nil after the last.
    public mutating func next() -> Piece? {
        guard !isDone else { return nil }
        let length = whole.payload.count
        let end = min(offset + pieceLength, length)
        var header = IPv4Header(
            whole.payloadProtocol, from: whole.source, to: whole.destination, payloadLength: end - offset)
        header.typeOfService = whole.typeOfService
        header.identification = whole.identification
        header.timeToLive = whole.timeToLive
        header.dontFragment = whole.dontFragment
        header.fragmentOffset = whole.fragmentOffset + UInt16(offset)
        header.moreFragments = end < length || whole.moreFragments
        let piece = Piece(header: header, range: offset..<end)
        offset = end
        isDone = end == length
        return piece
    }
}
