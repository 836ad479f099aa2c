import Interfaces
import Network

/// Passes on to a device, and reads the timestamps of the TCP segments that are sent (RFC 7323).
final class TimestampReader: NetworkDevice {
    private let inner: any NetworkDevice
    /// TSval of each segment, in the order of sending.
    private(set) var clocks: [UInt32] = []

    init(_ inner: any NetworkDevice) { self.inner = inner }

    var hardwareAddress: HardwareAddress { inner.hardwareAddress }
    var maximumTransmissionUnit: Int { inner.maximumTransmissionUnit }
    var link: LinkState { inner.link }
    var capabilities: NetworkCapabilities { inner.capabilities }
    var statistics: NetworkStatistics { inner.statistics }
    var deadline: Instant { inner.deadline }
    var transmitRoom: Int { inner.transmitRoom }
    var isPromiscuous: Bool {
        get { inner.isPromiscuous }
        set { inner.isPromiscuous = newValue }
    }

    func transmit(
        _ length: Int, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) throws(NetworkError) {
        var bytes = [UInt8](repeating: 0, count: length)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        fill(&raw)
        note(bytes)
        try inner.transmit(length, checksum: checksum) { frame in
            for (index, byte) in bytes.enumerated() { frame.storeBytes(of: byte, toByteOffset: index, as: UInt8.self) }
        }
    }

    /// The option's place behind Ethernet's 14 bytes, 20 of IPv4 and 20 of TCP.
    private func note(_ frame: [UInt8]) {
        guard frame.count >= 66, frame[12] == 8, frame[13] == 0, frame[23] == 6 else { return }
        var place = 54
        let end = 34 + Int(frame[46] >> 4) * 4
        while place + 10 <= end, place < end {
            switch frame[place] {
            case 1: place += 1
            case 8:
                clocks.append((place + 2..<place + 6).reduce(0) { $0 << 8 | UInt32(frame[$1]) })
                return
            case 0: return
            default: place += max(Int(frame[place + 1]), 2)
            }
        }
    }

    func receive() -> ReceivedFrame? { inner.receive() }
    func takeInterrupts() -> NetworkInterrupts { inner.takeInterrupts() }
    func arm(_ causes: NetworkInterrupts) -> Bool { inner.arm(causes) }
    func maintain() -> Instant { inner.maintain() }
    func join(_ address: HardwareAddress) { inner.join(address) }
    func leave(_ address: HardwareAddress) { inner.leave(address) }
    func stop() throws(DeviceError) { try inner.stop() }
}
