import Interfaces

/// Shows every frame that passes to somebody, and changes nothing.
public final class ObservedLink: LinkWrapper {
    /// Which way a frame goes.
    @frozen
    public enum Direction: Sendable {
        /// It came from the cable.
        case received
        /// It goes to the cable.
        case sent
    }

    private let observe: (Direction, RawSpan) -> Void

    /// Wraps `device`. `observe` has the frame's bytes for the duration of the call, in the middle of the network's work: it does not
    /// wait and calls neither the device nor the stack.
    ///
    /// A frame whose checksum the device computes is shown without it.
    public init(_ device: any NetworkDevice, _ observe: @escaping (Direction, RawSpan) -> Void) {
        self.observe = observe
        super.init(device)
    }

    public override func transmit(
        _ length: Int, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) throws(NetworkError) {
        let observe = observe
        try device.transmit(length, checksum: checksum) { frame in
            fill(&frame)
            observe(.sent, frame.bytes)
        }
    }

    public override func receive() -> ReceivedFrame? {
        guard let frame = device.receive() else { return nil }
        return show(frame)
    }

    private func show(_ frame: consuming ReceivedFrame) -> ReceivedFrame {
        observe(.received, frame.bytes)
        return frame
    }
}
