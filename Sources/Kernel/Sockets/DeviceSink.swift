import Interfaces
import Network
import Runtime

/// Takes the stack's frames to the devices of a host.
public struct DeviceSink: FrameSink {
    // Lives on the stack of a call on the host, which keeps the host.
    private unowned(unsafe) let host: IPHost

    init(_ host: IPHost) { unsafe self.host = host }

    /// How many frames the device takes now. One that cannot send at all, without a link or because nothing leaves it any more, counts as
    /// taking any: what is sent is lost, and TCP's clocks go on.
    public mutating func room(on interface: InterfaceID) -> Int {
        guard let link = unsafe host.links[Int(interface.rawValue)], link.device.link.isUp else { return .max }
        let room = link.device.transmitRoom
        return room <= 0 && link.fullSince != .never && link.isJammed(SystemTime.now) ? .max : room
    }

    /// Hands a frame to the device; without room, or without a link, it is lost.
    public mutating func transmit(
        _ length: Int, on interface: InterfaceID, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) {
        guard let link = unsafe host.links[Int(interface.rawValue)] else { return }
        try? link.device.transmit(length, checksum: checksum, fill)
    }
}
