// How the bus works. A tree: the controller's root port, hubs, devices. Who is plugged in is reset by the port above it, answers at address 0, gets
// an address, and describes itself. Nobody says a word without being asked: hubs are asked every now and then whether something was plugged in or
// pulled out. Each device is offered to the drivers of classes; a hub has a driver of the bus itself.
import Interfaces

/// The devices behind a controller: finds them as they come, and gives them to drivers.
///
/// One task calls `service`, which waits for devices; other tasks use the drivers meanwhile.
public final class USBBus {
    /// Attempts to get a device to answer.
    private static var attempts: Int { 3 }
    /// How long a plug may bounce. USB 2.0, 7.1.7.3.
    static var debounce: Interval { .milliseconds(100) }
    /// Ports in a path: the root's and those of five hubs. USB 2.0, 4.1.1.
    private static var longestPath: Int { 6 }

    let controller: any USBHostController
    private var drivers: [any USBClassDriver] = []
    /// Drivers that have not been offered what is there.
    private var newDrivers: [any USBClassDriver] = []
    /// Told what happens, by the task that calls `service`.
    public var observer: ((USBNews) -> Void)?
    /// What is plugged in and could be spoken to, in the order of coming.
    public private(set) var devices: [USBDevice] = []

    private var root: USBDevice?
    /// What is at the root port did not work, and is left alone until it is pulled out.
    private var isRootBad = false
    /// Bit n: address n is taken.
    private var addresses: (UInt64, UInt64) = (1, 0)

    /// The bus of a started controller.
    public init(_ controller: any USBHostController) { self.controller = controller }

    /// Offers `driver` what is there at the next `service`, and what comes from then on. From any task.
    public func add(_ driver: any USBClassDriver) { newDrivers.append(driver) }

    /// Whether every driver that was added has been offered what is there.
    public var isSettled: Bool { newDrivers.isEmpty && !isServing }

    /// `service` is under way.
    private var isServing = false

    /// Sees who came and went, and lets drivers look after their devices.
    /// - Returns: when to call again; earlier when the root port has changed.
    public func service() -> Instant {
        isServing = true
        defer { isServing = false }
        takeNewDrivers()
        serviceRoot()
        clearBuffers()
        var next = Instant.never
        for device in devices {
            for driver in device.drivers where device.isPresent { next = min(next, driver.service(device)) }
        }
        return next
    }

    private func serviceRoot() {
        var state = controller.rootPort
        if state.hasChanged || !state.isConnected || (root != nil && !state.isEnabled) {
            if let root { remove(root) }
            isRootBad = false
        }
        guard state.isConnected, root == nil, !isRootBad else { return }
        controller.wait(for: Self.debounce)
        state = controller.rootPort
        guard state.isConnected else { return }
        root = enumerate([1], below: nil) { () throws(USBError) in try self.controller.resetRootPort() }
        isRootBad = root == nil
        if isRootBad { controller.disableRootPort() }
    }

    /// Has hubs forget what was left in them by transfers that ended early.
    private func clearBuffers() {
        while let buffer = controller.nextAbandonedBuffer() {
            guard let hub = devices.first(where: { $0.target.address == buffer.hub && isHub($0) }) else { continue }
            // CLEAR_TT_BUFFER; port 1, for the hub's translators are used as one.
            try? hub.request(0x23, 8, value: buffer.value, index: 1)
        }
    }

    // MARK: - Devices that come

    /// Finds out who is at the end of `path`, and who can use it. `reset` resets the port and tells the speed.
    func enumerate(
        _ path: [UInt8], below hub: USBDevice?, _ reset: () throws(USBError) -> USBSpeed
    ) -> USBDevice? {
        var failure = USBError.full
        for _ in 0..<Self.attempts {
            do throws(USBError) {
                guard path.count <= Self.longestPath else { throw .unsupported("more than five hubs in a row") }
                let speed = try reset()
                let device = try identify(path, speed, below: hub)
                devices.append(device)
                let failure = offer(device, to: isHub(device) ? [USBHub(self)] : drivers)
                observer?(device.drivers.isEmpty ? .unused(device, failure) : .attached(device))
                return device
            } catch {
                failure = error
                if error == .disconnected { return nil }
            }
        }
        observer?(.failed(path, failure))
        return nil
    }

    /// What a device that was just reset says about itself.
    private func identify(_ path: [UInt8], _ speed: USBSpeed, below hub: USBDevice?) throws(USBError) -> USBDevice {
        var target = USBTarget(
            address: 0, speed: speed, controlPacketSize: speed == .high ? 64 : 8,
            translator: translator(speed, path, below: hub))
        // Eight bytes, the least that fits every packet, tell how much fits this device's.
        let first = try USBDevice.read(
            USBSetup(type: 0x80, request: 6, value: 0x0100, length: 8), of: target, by: controller)
        let packetSize = try DeviceDescriptor.controlPacketSize(first)
        guard let address = takeAddress() else { throw .full }
        do throws(USBError) {
            try controller.control(
                USBSetup(type: 0x00, request: 5, value: UInt16(address)), of: target, writing: RawSpan())
            // 2 ms, and as long again for those that take longer. USB 2.0, 9.2.6.3.
            controller.wait(for: .milliseconds(10))
            target.address = address
            target.controlPacketSize = packetSize
            let descriptor = try DeviceDescriptor(
                USBDevice.read(
                    USBSetup(type: 0x80, request: 6, value: 0x0100, length: UInt16(DeviceDescriptor.length)),
                    of: target, by: controller))
            let device = USBDevice(controller, path: path, target: target, descriptor: descriptor)
            try readConfigurations(of: device)
            return device
        } catch {
            giveBack(address)
            throw error
        }
    }

    /// Reads what configurations there are. One that cannot be, or that the device does not give, leaves the others.
    private func readConfigurations(of device: USBDevice) throws(USBError) {
        var failure: USBError?
        for index in 0..<min(device.descriptor.configurations, 8) {
            do throws(USBError) {
                device.configurations.append(try configuration(index, of: device))
            } catch {
                switch error {
                case .invalid, .stalled: failure = error
                default: throw error
                }
            }
        }
        if device.configurations.isEmpty { throw failure ?? .invalid("bNumConfigurations") }
    }

    private func configuration(_ index: UInt8, of device: USBDevice) throws(USBError) -> ConfigurationDescriptor {
        let value = 0x0200 | UInt16(index)
        let head = try device.read(0x80, 6, value: value, count: ConfigurationDescriptor.length)
        let total = try ConfigurationDescriptor.totalLength(head)
        return try ConfigurationDescriptor(device.read(0x80, 6, value: value, count: total))
    }

    /// Who translates for a device at the end of `path`: the hub above, when that is where high speed ends, or whoever does for the hub.
    private func translator(_ speed: USBSpeed, _ path: [UInt8], below hub: USBDevice?) -> USBTranslator? {
        guard let hub, speed != .high else { return nil }
        if hub.target.speed == .high { return USBTranslator(hub: hub.target.address, port: path[path.count - 1]) }
        return hub.target.translator
    }

    private func takeNewDrivers() {
        let added = newDrivers
        newDrivers.removeAll()
        drivers += added
        for driver in added {
            for device in devices where !isHub(device) {
                let known = device.drivers.count
                // Why one that wanted to could not is told when the device is plugged in again.
                _ = offer(device, to: [driver])
                if device.drivers.count > known { observer?(.attached(device)) }
            }
        }
    }

    private func isHub(_ device: USBDevice) -> Bool { device.descriptor.deviceClass == USBHub.deviceClass }

    /// Lets `candidates` look at `device`. Returns why the last one could not that wanted to.
    private func offer(_ device: USBDevice, to candidates: [any USBClassDriver]) -> USBError? {
        var failure: USBError?
        for driver in candidates {
            do throws(USBError) {
                if try driver.attach(device) { device.drivers.append(driver) }
            } catch { failure = error }
        }
        return failure
    }

    // MARK: - Devices that go

    /// Takes `device`, and everything behind it, out of the tree.
    func remove(_ device: USBDevice) {
        guard device.isPresent else { return }
        device.isPresent = false
        for driver in device.drivers { driver.detach(device) }
        devices.removeAll { $0 === device }
        giveBack(device.target.address)
        if root === device { root = nil }
        observer?(.detached(device))
    }

    // MARK: - Addresses

    private func takeAddress() -> UInt8? {
        if addresses.0 != .max {
            let address = (~addresses.0).trailingZeroBitCount
            addresses.0 |= 1 << UInt64(address)
            return UInt8(address)
        }
        if addresses.1 == .max { return nil }
        let address = (~addresses.1).trailingZeroBitCount
        addresses.1 |= 1 << UInt64(address)
        return UInt8(64 + address)
    }

    private func giveBack(_ address: UInt8) {
        if address < 64 {
            addresses.0 &= ~(1 << UInt64(address))
        } else {
            addresses.1 &= ~(1 << UInt64(address - 64))
        }
    }
}
