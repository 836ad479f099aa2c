import BCM54213PE
import Boot
import GENET
import Interfaces
import Mailbox
import Runtime

extension Board {
    /// The on-board gigabit Ethernet.
    public typealias EthernetController = GENET<
        MMIO, TaskClock, DeviceMemory, BCM54213PE<GENETManagementBus<MMIO, TaskClock>, TaskClock>
    >

    nonisolated(unsafe) private static var ethernet: Ethernet?

    /// Starts the Ethernet, once; later calls give the same. The link comes up while `Ethernet.run` looks after it.
    ///
    /// `spareBuffers` is how many received frames may be kept by their consumers at a time, 2 KiB each, before arriving ones are dropped.
    /// Throws `.absent` where there is none, as in an ordinary QEMU; `.timeout`; `.unsupported` when memory is exhausted.
    public static func openEthernet(spareBuffers: Int = 64) throws(DeviceError) -> Ethernet {
        if let open = unsafe ethernet { return open }
        guard MemoryMap.genet.probe(0) != nil else { throw .absent }
        guard let memory = Memory.allocateDeviceMemory(EthernetController.memorySize(spareBuffers: spareBuffers)) else {
            throw .unsupported("memory for Ethernet buffers")
        }
        let phy = BCM54213PE(GENETManagementBus(MemoryMap.genet, time: TaskClock()), time: TaskClock())
        let controller = EthernetController(
            MemoryMap.genet, time: TaskClock(), memory: memory, phy: phy, address: try ethernetAddress())
        try controller.start()
        let opened = Ethernet(controller)
        unsafe ethernet = opened
        unsafe stopDevices = { try? controller.stop() }
        // The second line carries the other rings' interrupts, which this driver does not use.
        enableInterrupt(InterruptMap.genet, name: "ethernet") { unsafe Board.ethernet?.handleInterrupt() }
        return opened
    }

    /// The address that the firmware knows, or the one an earlier stage left in the controller.
    private static func ethernetAddress() throws(DeviceError) -> HardwareAddress {
        if let bytes = try? askFirmware({ firmware throws(DeviceError) in try firmware.macAddress() }) {
            let address = HardwareAddress(bytes)
            if address.isUsableByInterface { return address }
        }
        guard let held = EthernetController.heldAddress(MemoryMap.genet) else { throw .invalid("MAC address") }
        return held
    }
}

/// The on-board Ethernet with its interrupt: wakes a task when there is something to do.
public final class Ethernet {
    /// The controller below, for its own counters and its PHY.
    public let controller: Board.EthernetController
    private let work = Signal()

    init(_ controller: Board.EthernetController) { self.controller = controller }

    /// The interface's address.
    public var hardwareAddress: HardwareAddress { controller.hardwareAddress }
    /// The link as `run` last found it.
    public var link: LinkState { controller.link }
    /// Counters since start.
    public var statistics: NetworkStatistics { controller.statistics }
    /// Whether frames for everybody are received.
    public var isPromiscuous: Bool {
        get { controller.isPromiscuous }
        set { controller.isPromiscuous = newValue }
    }

    /// Register `register`, 0 to 31, of the PHY.
    public func phyRegister(_ register: UInt8) throws(DeviceError) -> UInt16 { try controller.phy.register(register) }

    /// Sends a frame of `length` bytes that `fill` writes: see `NetworkDevice.transmit`.
    public func transmit(_ length: Int, _ fill: (inout MutableRawSpan) -> Void) throws(NetworkError) {
        try controller.transmit(length, fill)
    }

    /// Looks after the interface until the task is cancelled: hands each frame that arrives to `consume`, keeps the link and the
    /// counters. One task runs it; `consume` may transmit.
    public func run(_ consume: (consuming ReceivedFrame) -> Void) throws(TaskError) {
        var maintenance = controller.maintain()
        while true {
            if SystemTime.now >= maintenance { maintenance = controller.maintain() }
            if controller.receive(atMost: Ethernet.batch, consume) == Ethernet.batch {
                // Others get their turn between two batches.
                Task.yield()
                try Task.checkCancellation()
                continue
            }
            guard controller.arm(.receive) else { continue }
            do throws(TaskError) { try work.wait(until: maintenance) } catch {
                if error != .timedOut { throw error }
            }
        }
    }

    /// Frames taken at a time.
    private static let batch = 32

    func handleInterrupt() {
        if !controller.takeInterrupts().isEmpty { work.raise() }
    }
}
