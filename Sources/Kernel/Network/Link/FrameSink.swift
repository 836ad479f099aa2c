import Interfaces

/// Where the stack puts the frames it sends.
public protocol FrameSink: ~Copyable {
    /// How many frames `interface` takes now, at least. TCP waits where there is no room; whatever else is sent then, is lost.
    mutating func room(on interface: InterfaceID) -> Int

    /// Sends a frame of `length` bytes on `interface`. The sink owns the buffer; `fill` has it for the duration of the call and writes
    /// all of it. A sink without room drops the frame and does not call `fill`: to the protocols above it was lost on the way.
    /// - Parameter checksum: what the device is to complete. Asked for only where the interface's capabilities say that it can.
    mutating func transmit(
        _ length: Int, on interface: InterfaceID, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void)
}

extension FrameSink where Self: ~Copyable {
    /// There is always room.
    @inlinable
    public mutating func room(on interface: InterfaceID) -> Int { .max }

    /// Sends a frame that needs nothing of the device.
    @inlinable
    public mutating func transmit(
        _ length: Int, on interface: InterfaceID, _ fill: (inout MutableRawSpan) -> Void
    ) {
        transmit(length, on: interface, checksum: nil, fill)
    }
}
