/// How the controller's own memory is used: whole cache lines for each purpose.
public enum DWC2Layout {
    /// Bytes the driver needs.
    public static var size: Int { scratch.upperBound }
    /// The eight bytes of a request.
    static var setup: Range<Int> { 0..<64 }
    /// The data of a request, the largest set of descriptors that is read.
    static var data: Range<Int> { 64..<64 + 4096 }
    /// What an interrupt endpoint gives: a packet.
    static var polled: Range<Int> { 4160..<4160 + 1024 }
    /// Where a channel that was stopped points.
    static var scratch: Range<Int> { 5184..<5248 }
}
