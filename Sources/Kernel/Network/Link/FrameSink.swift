/// Where the stack puts the frames it sends.
public protocol FrameSink: ~Copyable {
    /// Sends a frame of `length` bytes. The sink owns the buffer; `fill` has it for the duration of the call and writes all of it. A
    /// sink without room drops the frame and does not call `fill`: to the protocols above it was lost on the way.
    mutating func transmit(_ length: Int, _ fill: (inout MutableRawSpan) -> Void)
}
