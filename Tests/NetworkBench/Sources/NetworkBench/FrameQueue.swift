/// Frames under way in one direction: a ring of buffers of one size.
struct FrameQueue {
    static let capacity = 32
    static let frameSize = 2048

    private var bytes = [UInt8](repeating: 0, count: capacity * frameSize)
    private var lengths = [Int](repeating: 0, count: capacity)
    private var first = 0
    private(set) var count = 0

    var isFull: Bool { count == Self.capacity }

    /// Appends a frame of `length` bytes that `fill` writes.
    mutating func append(_ length: Int, _ fill: (inout MutableRawSpan) -> Void) {
        precondition(!isFull && length <= Self.frameSize)
        let slot = (first + count) % Self.capacity
        lengths[slot] = length
        var span = bytes.mutableSpan
        var all = span.mutableBytes
        var frame = all._mutatingExtracting(slot * Self.frameSize..<slot * Self.frameSize + length)
        fill(&frame)
        count += 1
    }

    /// Shows the frames that are under way, in order, and forgets them.
    mutating func drain(_ body: (RawSpan) -> Void) {
        while count > 0 {
            body(bytes.span.bytes.extracting(first * Self.frameSize..<first * Self.frameSize + lengths[first]))
            first = (first + 1) % Self.capacity
            count -= 1
        }
    }
}
