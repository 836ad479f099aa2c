import Interfaces

/// Writes frames as Wireshark reads them: the classic pcap format with nanoseconds (draft-ietf-opsawg-pcap, sections 4 and 5).
/// Where the bytes are kept is the caller's business.
public struct PacketCapture: Sendable {
    /// Bytes in front of the first record.
    public static var fileHeaderLength: Int { 24 }
    /// Bytes in front of each frame.
    public static var recordHeaderLength: Int { 16 }

    /// The most bytes kept of a frame.
    public let snapLength: Int

    /// A capture that keeps `snapLength` bytes of each frame.
    public init(snapLength: Int = 65535) {
        precondition(snapLength > 0 && snapLength <= 262144, "a capture keeps 1 to 262144 bytes of a frame")
        self.snapLength = snapLength
    }

    /// Writes the file's header to the first 24 bytes of `bytes`. Traps when there are fewer.
    public func emitFileHeader(into bytes: inout MutableRawSpan) {
        // Big-endian, which the magic number tells the reader; times in nanoseconds.
        bytes.set(0, UInt32(0xA1B2_3C4D))
        bytes.set(4, UInt32(0x0002_0004))
        bytes.set(8, UInt32(0))
        bytes.set(12, UInt32(0))
        bytes.set(16, UInt32(snapLength))
        // LINKTYPE_ETHERNET.
        bytes.set(20, UInt32(1))
    }

    /// Bytes that the record of a frame of `length` bytes takes.
    public func recordLength(_ length: Int) -> Int { Self.recordHeaderLength + min(length, snapLength) }

    /// Writes the record of `frame`, seen at `now`, to `bytes`, which is as long as `recordLength` said.
    public func emit(_ frame: RawSpan, at now: Instant, into bytes: inout MutableRawSpan) {
        let kept = min(frame.byteCount, snapLength)
        bytes.set(0, UInt32(truncatingIfNeeded: now.nanoseconds / 1_000_000_000))
        bytes.set(4, UInt32(now.nanoseconds % 1_000_000_000))
        bytes.set(8, UInt32(kept))
        bytes.set(12, UInt32(truncatingIfNeeded: frame.byteCount))
        bytes.copy(frame.extracting(0..<kept), to: Self.recordHeaderLength)
    }
}
