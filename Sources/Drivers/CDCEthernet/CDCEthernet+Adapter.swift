import Interfaces
import USB

/// Taking adapters, looking after them, and letting go of them.
extension CDCEthernet {
    /// How often notifications are asked for: most often while there are some, and at last, when there are none, least often.
    static var notificationPeriods: ClosedRange<Interval> { .milliseconds(32) ... .milliseconds(128) }
    /// Halts in a row after which an adapter is given up.
    private static var mostHalts: Int { 8 }
    /// How long an adapter may take no frame.
    private static var patience: Interval { .seconds(5) }
    /// The link while there is one: adapters that say how fast theirs is are not asked.
    private static var connected: LinkState { .up(LinkMode(.megabits100, isFullDuplex: true)) }

    /// Takes an adapter: see `USBClassDriver`.
    public func attach(_ device: USBDevice) throws(USBError) -> Bool {
        guard adapter == nil else { return false }
        let other: AdapterProtocol = preference == .ecm ? .rndis : .ecm
        guard
            let found = device.firstConfiguration({ AdapterFunction($0, preference) })
                ?? device.firstConfiguration({ AdapterFunction($0, other) })
        else { return false }
        let function = found.use
        guard function.segmentSize >= 1514 else { throw .unsupported("segments of less than 1514 bytes") }
        guard Buffers.bufferSize % function.input.packetSize == 0 else {
            throw .invalid("wMaxPacketSize")
        }
        try device.configure(found.configuration)
        try open(device, function)
        guard let adapter else { return false }
        do throws(USBError) {
            try start(adapter)
        } catch {
            letGo()
            throw error
        }
        return true
    }

    private func open(_ device: USBDevice, _ function: AdapterFunction) throws(USBError) {
        let input = try device.controller.openPipe(function.input, of: device.target) { [notice] in notice.work?() }
        do throws(USBError) {
            let output = try device.controller.openPipe(function.output, of: device.target) { [notice] in
                notice.work?()
            }
            adapter = Adapter(device, function, input: input, output: output)
        } catch {
            device.controller.closePipe(input)
            throw error
        }
    }

    private func start(_ adapter: Adapter) throws(USBError) {
        switch adapter.function.protocol {
        case .ecm:
            try adapter.device.setInterface(adapter.function.data, alternate: adapter.function.alternate)
            adapter.isForeign = !adopt(try adapter.ethernetAddress())
        case .rndis: adapter.isForeign = !adopt(try adapter.initialize())
        }
        adapter.applyFilter(isPromiscuous: isPromiscuous)
        // Frames that consumers hold keep their buffers; what is there has to do.
        for _ in 0..<Self.inFlight {
            guard let index = pool.take() else { break }
            offer(index, to: adapter)
        }
        produced = 0
        consumed = 0
        setLink(Self.connected)
    }

    /// Lets go of an adapter: see `USBClassDriver`.
    public func detach(_ device: USBDevice) {
        if adapter?.device === device { letGo() }
    }

    /// Closes the pipes; their buffers are the pool's again.
    func letGo() {
        guard let adapter else { return }
        setLink(.down)
        adapter.controller.closePipe(adapter.input)
        adapter.controller.closePipe(adapter.output)
        counters.transmitAbandoned &+= UInt64(produced - consumed)
        produced = 0
        consumed = 0
        if let (buffer, _) = rest { pool.giveBack(buffer) }
        rest = nil
        for index in offered.indices where offered[index] {
            offered[index] = false
            pool.giveBack(index)
        }
        self.adapter = nil
    }

    /// Looks after the adapter: see `USBClassDriver`.
    public func service(_ device: USBDevice) -> Instant {
        guard let adapter, adapter.device === device else { return .never }
        watch(adapter)
        clearHalts(adapter)
        if adapter.needsFilter { adapter.applyFilter(isPromiscuous: isPromiscuous) }
        let now = adapter.controller.now
        guard var endpoint = adapter.notification else { return now + .milliseconds(100) }
        if now >= adapter.nextPoll {
            let periods = Self.notificationPeriods
            let quiet = Interval(nanoseconds: adapter.pollPeriod.nanoseconds * 2)
            adapter.pollPeriod = hear(&endpoint, adapter) ? periods.lowerBound : min(quiet, periods.upperBound)
            adapter.notification = endpoint
            let period = endpoint.endpoint.period(at: adapter.device.target.speed)
            adapter.nextPoll = now + max(period, adapter.pollPeriod)
        }
        return adapter.nextPoll
    }

    private func setLink(_ state: LinkState) {
        if state.isUp != link.isUp {
            if state.isUp { counters.linksUp &+= 1 } else { counters.linksDown &+= 1 }
        }
        link = state
        work?()
    }

    /// Sees once a second whether transactions were lost, and whether the adapter still takes frames. What it has not taken for seconds is
    /// given up, as Linux does it: whoever waits for room would wait for ever.
    private func watch(_ adapter: Adapter) {
        let now = adapter.controller.now
        guard now >= adapter.nextWatch, link.isUp else { return }
        adapter.nextWatch = now + .seconds(1)
        adapter.controller.revive(adapter.input)
        adapter.controller.revive(adapter.output)
        if produced == consumed || consumed != adapter.sent {
            adapter.sent = consumed
            adapter.lastSent = now
            return
        }
        guard now - adapter.lastSent >= Self.patience else { return }
        adapter.controller.cancel(adapter.output)
        // Nobody has taken room meanwhile: there was none.
        counters.transmitAbandoned &+= UInt64(produced - consumed)
        consumed = produced
        adapter.halted.insert(.output)
    }

    private func clearHalts(_ adapter: Adapter) {
        if adapter.halted.isEmpty {
            adapter.failures = 0
            return
        }
        // An adapter that only fails is as good as pulled out.
        adapter.failures += 1
        if adapter.failures > Self.mostHalts { return setLink(.down) }
        do throws(USBError) {
            if adapter.halted.contains(.input) {
                try adapter.device.clearHalt(adapter.function.input)
                adapter.halted.remove(.input)
                adapter.controller.clear(adapter.input)
                if let index = pool.take() { offer(index, to: adapter) }
            }
            if adapter.halted.contains(.output) {
                try adapter.device.clearHalt(adapter.function.output)
                adapter.halted.remove(.output)
                adapter.controller.clear(adapter.output)
            }
            counters.restarts &+= 1
            work?()
        } catch {
            // Again at the next call.
        }
    }

    /// Asks what the adapter has to tell.
    /// - Returns: whether it had something.
    private func hear(_ endpoint: inout USBPolledEndpoint, _ adapter: Adapter) -> Bool {
        var bytes = InlineArray<64, UInt8>(repeating: 0)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        guard let count = adapter.device.poll(&endpoint, into: &raw), count >= 8, self.adapter === adapter else {
            return false
        }
        if adapter.function.protocol == .rndis {
            hearAnswers(adapter)
            return true
        }
        // NETWORK_CONNECTION: CDC 1.2, 6.3.1. CONNECTION_SPEED_CHANGE says how fast, which nobody here needs to know.
        if bytes[0] == 0xA1, bytes[1] == 0x00 { setLink(bytes[2] == 0 ? .down : Self.connected) }
        return true
    }

    /// What an RNDIS adapter tells unasked: of the link, and that it wants to hear that somebody is there.
    private func hearAnswers(_ adapter: Adapter) {
        for _ in 0..<8 {
            guard let message = try? adapter.answer() else { return }
            switch message.kind {
            case RemoteNDIS.Kind.indicate where message[2] == RemoteNDIS.Status.disconnected: setLink(.down)
            case RemoteNDIS.Kind.indicate where message[2] == RemoteNDIS.Status.connected: setLink(Self.connected)
            case RemoteNDIS.Kind.keepAlive:
                try? adapter.send([RemoteNDIS.Kind.keepAlive | RemoteNDIS.Kind.answer, 16, message[2], 0])
            default: break
            }
        }
    }
}
