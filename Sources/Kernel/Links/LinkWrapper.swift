import Interfaces

/// A network device that is another one and does something more: the base of the links of this module and of such of your own, which
/// override what they change. It owns nothing of `device` but the reference; whoever made the device also raises the signal of its
/// interrupts.
open class LinkWrapper: NetworkDevice {
    /// The device below.
    public let device: any NetworkDevice

    /// Wraps `device`, which nobody else uses from now on.
    public init(_ device: any NetworkDevice) { self.device = device }

    open var hardwareAddress: HardwareAddress { device.hardwareAddress }
    open var maximumTransmissionUnit: Int { device.maximumTransmissionUnit }
    open var link: LinkState { device.link }
    open var capabilities: NetworkCapabilities { device.capabilities }
    open var statistics: NetworkStatistics { device.statistics }
    open var transmitRoom: Int { device.transmitRoom }
    open var deadline: Instant { device.deadline }

    open var isPromiscuous: Bool {
        get { device.isPromiscuous }
        set { device.isPromiscuous = newValue }
    }

    open func transmit(
        _ length: Int, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) throws(NetworkError) {
        try device.transmit(length, checksum: checksum, fill)
    }

    open func receive() -> ReceivedFrame? { device.receive() }
    open func takeInterrupts() -> NetworkInterrupts { device.takeInterrupts() }
    open func arm(_ causes: NetworkInterrupts) -> Bool { device.arm(causes) }
    open func maintain() -> Instant { device.maintain() }
    open func join(_ address: HardwareAddress) { device.join(address) }
    open func leave(_ address: HardwareAddress) { device.leave(address) }
    open func stop() throws(DeviceError) { try device.stop() }
}
