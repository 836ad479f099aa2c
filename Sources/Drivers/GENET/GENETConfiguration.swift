import Interfaces

/// How a GENET is to run.
public struct GENETConfiguration: Sendable {
    /// Received frames for an interrupt, 1 to 511.
    public var receiveThreshold: UInt32
    /// How long a received frame waits for others at most, before it interrupts alone; in steps of 8.192 us, half a second at most.
    public var receiveTimeout: Interval
    /// Sent frames for an interrupt, 1 to 255. One comes in any case when everything has been sent.
    public var transmitThreshold: UInt32

    /// By default an interrupt comes after 16 frames or 57 us.
    public init(
        receiveThreshold: UInt32 = 16, receiveTimeout: Interval = .microseconds(57), transmitThreshold: UInt32 = 32
    ) {
        self.receiveThreshold = min(max(receiveThreshold, 1), 511)
        self.receiveTimeout = receiveTimeout
        self.transmitThreshold = min(max(transmitThreshold, 1), 255)
    }

    /// The timeout in the hardware's steps. Never zero: without a timeout a single frame below the threshold would wait for ever.
    var receiveTimeoutSteps: UInt32 {
        UInt32(min(max((receiveTimeout.nanoseconds / 8 + 1023) / 1024, 1), 0xFFFF))
    }
}
