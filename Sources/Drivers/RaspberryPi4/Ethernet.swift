import BCM54213PE
import Boot
import DeviceTree
import GENET
import GPIO
import Interfaces
import Mailbox
import Runtime

extension Board {
    /// The on-board gigabit Ethernet.
    public typealias EthernetController = GENET<
        MMIO, TaskClock, DeviceMemory, BCM54213PE<GENETManagementBus<MMIO, TaskClock>, TaskClock>
    >

    nonisolated(unsafe) private static var ethernet: Ethernet?
    nonisolated(unsafe) private static var isOpeningEthernet = false
    nonisolated(unsafe) private static var keptMemory: DeviceMemory?

    /// Starts the Ethernet, once; later calls give the same. The link comes up while a task calls `Ethernet.waitForWork`.
    ///
    /// `spareBuffers` is how many received frames may be kept by their consumers at a time, 2 KiB each, before arriving ones are dropped.
    /// Throws `.absent` where there is none, as in an ordinary QEMU; `.timeout`; `.unsupported` when memory is exhausted.
    public static func openEthernet(spareBuffers: Int = 64) throws(DeviceError) -> Ethernet {
        // The start waits for the hardware, and another task may ask meanwhile.
        while unsafe isOpeningEthernet { TaskClock().wait(for: .milliseconds(1)) }
        if let open = unsafe ethernet { return open }
        unsafe isOpeningEthernet = true
        defer { unsafe isOpeningEthernet = false }
        guard MemoryMap.genet.probe(0) != nil else { throw .absent }
        GPIO(MemoryMap.gpio).connectEthernet()
        let address = try ethernetAddress()
        let memory = try ethernetMemory(EthernetController.memorySize(spareBuffers: spareBuffers))
        let phy = BCM54213PE(GENETManagementBus(MemoryMap.genet, time: TaskClock()), time: TaskClock())
        let controller = EthernetController(
            MemoryMap.genet, time: TaskClock(), memory: memory, phy: phy, address: address)
        try controller.start()
        let opened = Ethernet(controller)
        unsafe ethernet = opened
        beforeReboot { try? controller.stop() }
        atCrash { GENETSilence.fall(on: MemoryMap.genet) }
        // The second line carries the other rings' interrupts, which this driver does not use.
        enableInterrupt(InterruptMap.genet, name: "ethernet") { unsafe Board.ethernet?.handleInterrupt() }
        return opened
    }

    /// The Ethernet, if `openEthernet` has started it.
    public static var openedEthernet: Ethernet? { unsafe ethernet }

    /// Takes the network away from what a network boot may have left running. Programs that do not open the Ethernet need that, too.
    static func cutOffEthernet() { GENETSilence.cutOff(MemoryMap.genet) }

    /// Memory for the controller: that of the last attempt, if it failed. Device memory is never given back.
    private static func ethernetMemory(_ size: Int) throws(DeviceError) -> DeviceMemory {
        if let kept = unsafe keptMemory, unsafe kept.bytes.count >= size { return kept }
        guard let memory = Memory.allocateDeviceMemory(size) else { throw .unsupported("memory for Ethernet buffers") }
        unsafe keptMemory = memory
        return memory
    }

    /// The address that the firmware tells, by its mailbox or in the device tree, or the one an earlier stage left in the controller.
    private static func ethernetAddress() throws(DeviceError) -> HardwareAddress {
        if let bytes = try? askFirmware({ firmware throws(DeviceError) in try firmware.macAddress() }) {
            let address = HardwareAddress(bytes)
            if address.isUsableByInterface { return address }
        }
        if let bytes = PhysicalMemory.deviceTree()?.hardwareAddress(of: "ethernet0") {
            let address = HardwareAddress(bytes)
            if address.isUsableByInterface { return address }
        }
        guard let held = EthernetController.heldAddress(MemoryMap.genet) else { throw .invalid("MAC address") }
        return held
    }
}

/// The on-board Ethernet with its interrupt: frames for one task, which sleeps while there are none.
///
///     while true {
///         for _ in 0..<Ethernet.batch {
///             guard let frame = ethernet.nextFrame() else { break }
///             ...
///         }
///         try ethernet.waitForWork()
///     }
public final class Ethernet {
    /// Frames to take before the next `waitForWork`, so that other tasks get their turn.
    public static let batch = 32

    /// The controller below, for its own counters and its PHY.
    public let controller: Board.EthernetController
    /// Raised when there is work; a network stack that waits for several devices puts its own here.
    public var work = Signal()
    /// When the controller wants to be looked after.
    private var maintenance = Instant(nanoseconds: 0)

    init(_ controller: Board.EthernetController) {
        self.controller = controller
        // The two hold each other: the Ethernet is there for as long as the program.
        controller.onEvent = { event in Self.tell(event, of: controller) }
    }

    /// Logs what somebody who looks for a fault of the network wants to know.
    private static func tell(_ event: GENETEvent, of controller: Board.EthernetController) {
        let log = Logger(label: "ethernet")
        switch event {
        case .partnerPauses: log.warning("the partner pauses us without an end; its pause frames are ignored now")
        case .restarted: log.warning("the controller was stuck, and was restarted")
        case .linkChanged:
            guard case .up(let mode) = controller.link,
                let missed = try? controller.withPHY({ phy throws(DeviceError) in phy.missedSpeed })
            else { return }
            log.warning("\(mode.speed.rawValue) Mb/s where \(missed.rawValue) were agreed: is the cable damaged?")
        }
    }

    /// The controller as what a network stack drives. Its `arm` and `maintain` are `waitForWork`'s.
    public var device: any NetworkDevice { controller }
    /// The interface's address.
    public var hardwareAddress: HardwareAddress { controller.hardwareAddress }
    /// The link as `waitForWork` last found it.
    public var link: LinkState { controller.link }
    /// Counters since start.
    public var statistics: NetworkStatistics { controller.statistics }
    /// Whether frames for everybody are received.
    public var isPromiscuous: Bool {
        get { controller.isPromiscuous }
        set { controller.isPromiscuous = newValue }
    }

    /// Register `register`, 0 to 31, of the PHY. From any task.
    public func phyRegister(_ register: UInt8) throws(DeviceError) -> UInt16 {
        try controller.withPHY { phy throws(DeviceError) in try phy.register(register) }
    }

    /// How the link's mode comes about from now on: see `EthernetPHY.setPreference`. From any task.
    public func setPreference(_ preference: LinkPreference) throws(DeviceError) {
        try controller.setPreference(preference)
    }

    /// The next frame that has arrived, or nil: see `NetworkDevice.receive`.
    public func nextFrame() -> ReceivedFrame? { controller.receive() }

    /// Sends a frame of `length` bytes that `fill` writes: see `NetworkDevice.transmit`.
    public func transmit(
        _ length: Int, checksum: TransmitChecksum? = nil, _ fill: (inout MutableRawSpan) -> Void
    ) throws(NetworkError) {
        try controller.transmit(length, checksum: checksum, fill)
    }

    /// Looks after link and counters when that is due, then returns when there is work for one of `causes` (at once if there is already,
    /// after other tasks had their turn), when `wake` was called, or at `deadline`; now and then without any of it. To be called once a
    /// round by one task, the one that takes the frames. Throws `.cancelled`.
    public func waitForWork(
        until deadline: Instant = .never, for causes: NetworkInterrupts = .receive
    ) throws(TaskError) {
        if SystemTime.now >= maintenance { maintenance = controller.maintain() }
        guard controller.arm(causes) else {
            Task.yield()
            return try Task.checkCancellation()
        }
        do throws(TaskError) { try work.wait(until: min(maintenance, deadline)) } catch {
            if error != .timedOut { throw error }
        }
    }

    /// Lets `waitForWork` return: there is something to send, or another deadline. From any task and from interrupt handlers.
    public func wake() { work.raise() }

    func handleInterrupt() {
        if !controller.takeInterrupts().isEmpty { work.raise() }
    }
}
