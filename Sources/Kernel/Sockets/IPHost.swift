import Interfaces
import Network
import Runtime

/// The network as tasks see it: a stack, the devices below it, and a task that carries frames between them.
///
/// Tasks of one core share it without locks: between two waits nothing else runs. A call of an application goes straight through the
/// stack to the device; what arrives is handed through by the network's task in batches, which then wakes whom it concerns.
public final class IPHost {
    /// The stack. For looking at; whoever changes it calls `flush`.
    public var stack: NetworkStack
    /// Raised by interrupts of devices, and by calls that brought the next deadline closer.
    public let work = Signal()
    /// The devices, by number of interface; nil for the loopback.
    var links: [Link?] = [nil]
    /// When the network's task will look by itself.
    private var wakeTime = Instant.never
    /// Told when links change and when ARP packets come that the stack was asked to show.
    private var observers: [any LinkObserver] = []

    /// A device and when it wants to be looked after.
    struct Link {
        let device: any NetworkDevice
        let name: StaticString
        var maintenance = Instant(nanoseconds: 0)
        /// Since when it has had no room for frames that wait; `.never` while it has some, or nobody waits.
        var fullSince = Instant.never

        /// Whether it takes nothing any more: no device is full for so long whose frames leave.
        func isJammed(_ now: Instant) -> Bool { fullSince != .never && fullSince + .seconds(3) <= now }
    }

    /// A host that has no device yet. `key` comes from an entropy source.
    public init(key: SecretKey, configuration: NetworkStack.Configuration = NetworkStack.Configuration()) {
        stack = NetworkStack(key: key, configuration: configuration)
    }

    /// Adds a started device. Its interrupts raise `work` from now on, which is the caller's to see to.
    /// - Throws: `.full`.
    public func attach(_ device: any NetworkDevice, name: StaticString) throws(SocketError) -> InterfaceID {
        let link = LinkDescription(
            hardware: device.hardwareAddress, maximumTransmissionUnit: device.maximumTransmissionUnit,
            capabilities: device.capabilities)
        do throws(StackError) {
            let id = try stack.addInterface(link)
            links.append(Link(device: device, name: name))
            return id
        } catch {
            throw SocketError(error)
        }
    }

    /// The name of `interface`.
    public func name(of interface: InterfaceID) -> StaticString { links[Int(interface.rawValue)]?.name ?? "loopback" }

    /// The device below `interface`; nil for the loopback.
    public func device(of interface: InterfaceID) -> (any NetworkDevice)? { links[Int(interface.rawValue)]?.device }

    /// The interfaces that have a device.
    public var interfaces: [InterfaceID] { (1..<links.count).map { InterfaceID(rawValue: UInt8($0)) } }

    /// The way to the devices, for those that send frames of their own.
    package var sink: DeviceSink { DeviceSink(self) }

    /// Sends what the stack has to send, and wakes whom events concern. After every change of the stack.
    public func flush() {
        var sink = DeviceSink(self)
        stack.flush(SystemTime.now, into: &sink)
        finishCall()
    }

    /// Calls `body` with the stack, the time and a sink, then does what `flush` does.
    public func withStack<R, E: Error>(
        _ body: (inout NetworkStack, Instant, inout DeviceSink) throws(E) -> R
    ) throws(E) -> R {
        var sink = DeviceSink(self)
        let now = SystemTime.now
        let result = try body(&stack, now, &sink)
        stack.flush(now, into: &sink)
        finishCall()
        return result
    }

    private func finishCall() {
        dispatch()
        if stack.deadline < wakeTime || stack.isWaitingForRoom { work.raise() }
    }

    /// Tells `observer` of links and ARP packets from now on.
    public func add(_ observer: any LinkObserver) { observers.append(observer) }

    // MARK: The network's task

    /// Frames taken from a device at a time.
    private static let batch = 32

    /// Rounds after which the network's task found work at once, and let others run before the next one.
    public private(set) var busyRounds: UInt64 = 0

    /// Carries frames until the task is cancelled. One task runs it.
    public func run() throws(TaskError) {
        while true {
            if !carry(), arm(), try rest() { continue }
            // Whatever keeps it busy: others get their turn between two rounds.
            busyRounds &+= 1
            Task.yield()
            try Task.checkCancellation()
        }
    }

    /// Waits for work. False when there was some already, and nobody else has run.
    private func rest() throws(TaskError) -> Bool {
        wakeTime = nextLook
        defer { wakeTime = .never }
        do throws(TaskError) { return try work.wait(until: wakeTime) } catch {
            if error != .timedOut { throw error }
            return false
        }
    }

    /// One round: maintenance, a batch from each device, timers, what is to be sent, events.
    /// - Returns: whether there is more to do at once.
    private func carry() -> Bool {
        var now = SystemTime.now
        for index in 1..<max(links.count, 1) where maintain(index, now) {
            // It may have waited. What follows does not, and is told one time that is later than what others were told meanwhile.
            now = SystemTime.now
        }
        if stack.isWaitingForRoom { lookForJams(now) }
        var sink = DeviceSink(self)
        var isBusy = false
        for index in 1..<max(links.count, 1) {
            guard let device = links[index]?.device else { continue }
            let id = InterfaceID(rawValue: UInt8(index))
            var count = 0
            while count < Self.batch, let frame = device.receive() {
                take(frame, on: id, now, into: &sink)
                count += 1
            }
            if count == Self.batch { isBusy = true }
        }
        if stack.deadline <= now { stack.advance(to: now, into: &sink) } else { stack.flush(now, into: &sink) }
        dispatch()
        return isBusy || stack.isLoopbackBusy
    }

    // A function of its own: swiftc 6.3.1 puts a frame that is used where it was pulled into a box, and crashes over it.
    private func take(
        _ frame: consuming ReceivedFrame, on interface: InterfaceID, _ now: Instant, into sink: inout DeviceSink
    ) {
        stack.receive(frame.bytes, checksum: frame.checksum, on: interface, now: now, into: &sink)
    }

    /// Looks after the device at `index`, if it is time.
    /// - Returns: whether the device was called, and may have waited.
    private func maintain(_ index: Int, _ now: Instant) -> Bool {
        guard let link = links[index] else { return false }
        let id = InterfaceID(rawValue: UInt8(index))
        let isDue = now >= link.maintenance
        if isDue {
            // While it waits other tasks run, and attach devices: no access to `links` is under way.
            let next = link.device.maintain()
            links[index]?.maintenance = next
        }
        // A device that is unplugged tells at once.
        let isUp = link.device.link.isUp
        guard isUp != stack.isUp(id) else { return isDue }
        stack.setLink(isUp: isUp, of: id, now: SystemTime.now)
        for observer in observers { observer.linkChanged(id, isUp: isUp) }
        return isDue
    }

    /// Notes which devices have taken nothing for long though connections wait for them. What is sent there is lost from then on, so that
    /// the connections' clocks go on and they are given up in their time.
    private func lookForJams(_ now: Instant) {
        for index in 1..<max(links.count, 1) {
            guard let link = links[index] else { continue }
            let isFull = link.device.link.isUp && link.device.transmitRoom <= 0
            links[index]?.fullSince = isFull ? min(link.fullSince, now) : .never
        }
    }

    /// Lets the devices interrupt, for room only where a connection waits for it: all others have some. False when one has work already.
    private func arm() -> Bool {
        let isWaiting = stack.isWaitingForRoom
        var isIdle = true
        for index in 1..<max(links.count, 1) {
            guard let link = links[index] else { continue }
            var causes: NetworkInterrupts = .receive
            if isWaiting, stack.isWaitingForRoom(on: InterfaceID(rawValue: UInt8(index))) { causes.insert(.transmit) }
            if !link.device.arm(causes) { isIdle = false }
        }
        return isIdle
    }

    private var nextLook: Instant {
        var next = stack.deadline
        for index in 1..<max(links.count, 1) {
            guard let link = links[index] else { continue }
            next = min(next, min(link.maintenance, link.device.deadline))
        }
        return next
    }

    // MARK: Events

    private func dispatch() {
        while let event = stack.nextEvent() {
            switch event {
            case .connection(_, let owner, let news): TCPConnection.withOwner(owner) { $0.notify(news) }
            case .acceptable(_, let owner): TCPListener.withOwner(owner) { $0.notify() }
            case .datagram(_, let owner): DatagramEnd.withOwner(owner) { $0.notify() }
            case .arp(let interface, let packet):
                for observer in observers { observer.received(packet, on: interface) }
            }
        }
    }
}

extension IPHost {
    /// Gives the first interface an address, and a way to everywhere else; nil takes them away.
    public func setAddress(
        _ address: InterfaceAddress?, gateway: IPv4Address?, on interface: InterfaceID = InterfaceID(rawValue: 1)
    ) {
        withStack { stack, now, sink in
            stack.setAddress(address, of: interface, now: now, into: &sink)
            if address != nil, let gateway { try? stack.addRoute(to: .everything, by: gateway, on: interface) }
        }
    }
}
