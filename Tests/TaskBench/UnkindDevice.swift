import Interfaces
import Runtime

/// A network device that does what its contract allows, and no more: it takes its time wherever it may wait, says that it is not armed
/// while it has room, and can stop taking frames, as an adapter on USB does that refuses every transfer.
package final class UnkindDevice: NetworkDevice {
    private let inner: any NetworkDevice
    /// Whether it takes no frame any more. Its link stays up.
    package var isJammed = false
    /// How long `maintain` waits; other tasks run meanwhile.
    package var maintenanceWait = Interval.microseconds(30)
    /// When it wants to be looked after again.
    package var maintenancePeriod = Interval.seconds(1)
    /// Calls of `arm` so far.
    package private(set) var arms = 0
    /// How many of them may come one behind the other while the time stands still: a task that asks more often lets nobody else run.
    package var patience = 10_000
    private var impatience = 0
    private var lastArm = Instant.never

    package init(_ inner: any NetworkDevice) { self.inner = inner }

    package var hardwareAddress: HardwareAddress { inner.hardwareAddress }
    package var maximumTransmissionUnit: Int { inner.maximumTransmissionUnit }
    package var link: LinkState { inner.link }
    package var capabilities: NetworkCapabilities { inner.capabilities }
    package var statistics: NetworkStatistics { inner.statistics }
    package var deadline: Instant { inner.deadline }
    package var transmitRoom: Int { isJammed ? 0 : inner.transmitRoom }
    package var isPromiscuous: Bool {
        get { inner.isPromiscuous }
        set { inner.isPromiscuous = newValue }
    }

    package func transmit(
        _ length: Int, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) throws(NetworkError) {
        if isJammed { throw .full }
        try inner.transmit(length, checksum: checksum, fill)
    }

    package func receive() -> ReceivedFrame? { inner.receive() }
    package func takeInterrupts() -> NetworkInterrupts { inner.takeInterrupts() }

    package func arm(_ causes: NetworkInterrupts) -> Bool {
        arms += 1
        let now = SystemTime.now
        impatience = now == lastArm ? impatience + 1 : 0
        lastArm = now
        precondition(impatience < patience, "the network's task asks its devices for ever, and nobody else runs")
        return inner.arm(isJammed ? causes.subtracting(.transmit) : causes)
    }

    package func maintain() -> Instant {
        _ = inner.maintain()
        TaskClock().wait(for: maintenanceWait)
        return SystemTime.now + maintenancePeriod
    }

    package func join(_ address: HardwareAddress) { inner.join(address) }
    package func leave(_ address: HardwareAddress) { inner.leave(address) }
    package func stop() throws(DeviceError) { try inner.stop() }
}
