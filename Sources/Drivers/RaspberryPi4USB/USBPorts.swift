import DWC2
import Interfaces
import Mailbox
import RaspberryPi4
import Runtime
import USB

extension Board {
    /// The USB controller of the USB-C connector.
    public typealias USBController = DWC2<MMIO, TaskClock, DeviceMemory, TaskEvent>

    nonisolated(unsafe) private static var ports: USBPorts?
    nonisolated(unsafe) private static var isOpeningUSB = false

    /// Starts USB, once; later calls give the same. A task looks after what is plugged in from then on.
    ///
    /// On the board this is the USB-C connector, which usually brings the power: for what is plugged in there the board needs power
    /// through its header. The USB-A ports hang on another controller, behind PCI Express, which is not supported.
    /// Throws `.absent`, `.timeout`, and `.unsupported` when memory is exhausted.
    public static func openUSB() throws(DeviceError) -> USBPorts {
        // The start waits for the hardware, and another task may ask meanwhile.
        while unsafe isOpeningUSB { TaskClock().wait(for: .milliseconds(1)) }
        if let open = unsafe ports { return open }
        unsafe isOpeningUSB = true
        defer { unsafe isOpeningUSB = false }
        guard USBController.find(MemoryMap.usb, switchOn: { Device.usb.hasPower }) else { throw .absent }
        guard let memory = Memory.allocateDeviceMemory(DWC2Layout.size) else { throw .unsupported("memory for USB") }
        let controller = USBController(
            MemoryMap.usb, time: TaskClock(), memory: memory,
            window: DMAWindow(physical: 0..<MemoryMap.gigabyte, bus: 0xC000_0000), events: (TaskEvent(), TaskEvent()),
            configuration: USBController.isEmulated(MemoryMap.usb) ? .emulator : .board)
        do throws(USBError) { try controller.start() } catch { throw DeviceError(error) }
        let opened = USBPorts(controller)
        unsafe ports = opened
        beforeReboot { try? controller.stop() }
        enableInterrupt(InterruptMap.usb, name: "usb") { unsafe Board.ports?.controller.handleInterrupt() }
        // A device needs some time from when it gets power until it shows.
        _ = TaskClock().poll(for: .milliseconds(150), every: .milliseconds(10)) { controller.isPortConnected }
        do throws(TaskError) {
            try Task.spawn("usb") { () throws(TaskError) in try opened.run() }.detach()
        } catch { throw .unsupported("memory for the task of USB") }
        return opened
    }
}

/// The board's USB: the controller, the bus behind it, and the task that looks after both.
public final class USBPorts {
    /// The longest that a driver's first devices are waited for.
    private static var settlingLimit: Interval { .seconds(5) }

    /// The controller.
    public let controller: Board.USBController
    /// What is plugged in.
    public let bus: USBBus
    private let work = Signal()

    init(_ controller: Board.USBController) {
        self.controller = controller
        bus = USBBus(controller)
        controller.portEvent = { [work] in work.raise() }
        bus.observer = { news in
            let logger = Logger(label: "usb")
            switch news {
            case .attached(let device): logger.info("\(USBDescription.line(device))")
            case .detached(let device): logger.info("port \(USBDescription.path(device.path)): gone")
            case .unused(let device, nil): logger.info("\(USBDescription.line(device)), no driver")
            case .unused(let device, let error?):
                logger.warning("\(USBDescription.line(device)): \(USBDescription.text(error))")
            case .failed(let path, let error):
                logger.warning("port \(USBDescription.path(path)): \(USBDescription.text(error))")
            }
        }
    }

    /// Gives the devices that `driver` can use to it, now and as they come. Returns when those that are there have been offered to it.
    public func add(_ driver: any USBClassDriver) {
        bus.add(driver)
        work.raise()
        _ = TaskClock().poll(for: Self.settlingLimit, every: .milliseconds(2)) { bus.isSettled }
    }

    func run() throws(TaskError) {
        while true {
            let next = bus.service()
            do throws(TaskError) { try work.wait(until: next) } catch {
                if error != .timedOut { throw error }
            }
        }
    }
}

extension DeviceError {
    /// What `error` is among the errors of devices.
    init(_ error: USBError) {
        self =
            switch error {
            case .absent, .disconnected: .absent
            case .timeout(let name): .timeout(name)
            case .invalid(let name): .invalid(name)
            case .unsupported(let name): .unsupported(name)
            case .stalled, .babble, .noAnswer, .memory, .full: .invalid("USB")
            }
    }
}
