/// What differs between controllers.
public struct DWC2Configuration: Sendable {
    /// Transfers up to this many bytes are handed to the hardware packet by packet. 0 on the board. QEMU takes 250 microseconds for each
    /// packet but the first of a transfer of up to 1536 bytes, and none for one that has a single packet.
    public var packetwiseLimit: Int

    /// What the board wants.
    public init(packetwiseLimit: Int = 0) { self.packetwiseLimit = packetwiseLimit }
}
