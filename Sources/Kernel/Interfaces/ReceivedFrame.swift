import Synchronization

/// A received frame and the ownership of its buffer: the bytes from the destination address to the end of the payload
/// (and of padding), without the checksum at its end.
///
/// The owner reads it, keeps it or passes it on. When the value ends, wherever that is, the buffer goes back to the
/// device; one atomic operation, no lock, no allocation. On any core, from any task. The device outlives its frames.
@frozen
@safe
public struct ReceivedFrame: ~Copyable, @unchecked Sendable {
    // `start..<start + count` is the processor's while this value lives: nobody else writes there. `home` is a word of the
    // device's pool, which outlives the frame (the pool traps otherwise); bit `mark` of it is zero until `deinit`.
    @usableFromInline let start: UnsafeRawPointer
    /// Bytes in the frame.
    public let count: Int
    /// What the device found out about the frame's checksums.
    public let checksum: ReceivedChecksum
    @usableFromInline let home: FramePool.Word
    @usableFromInline let mark: UInt64

    @inlinable
    init(start: UnsafeRawPointer, count: Int, checksum: ReceivedChecksum, home: FramePool.Word, mark: UInt64) {
        unsafe self.start = unsafe start
        self.count = count
        self.checksum = checksum
        unsafe self.home = unsafe home
        self.mark = mark
    }

    /// The frame's bytes. Valid as long as the frame is.
    @inlinable
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get { unsafe RawSpan(_unsafeStart: start, byteCount: count) }
    }

    // Releasing: every load of the frame's bytes comes before the device may write there again.
    @inlinable
    deinit { _ = unsafe home.pointee.bitwiseOr(mark, ordering: .releasing) }
}

/// What a device found out about the checksums inside a received frame.
@frozen
public enum ReceivedChecksum: Equatable, Sendable {
    /// Nothing: compute it.
    case unknown
    /// The ones' complement sum over all bytes from byte 14 on, as 16-bit words in network order, not inverted. The consumer
    /// takes out what does not belong to its checksum (headers, padding) and adds its pseudo header. The sum covers this
    /// frame only: of a fragment it says nothing about the datagram.
    case sum(UInt16)
    /// The TCP or UDP checksum was compared and is right. Never said of a fragment.
    case verified
}
