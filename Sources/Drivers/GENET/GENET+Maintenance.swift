import Interfaces

/// What `maintain` remembers of the receiver.
struct ReceiveWatch {
    /// The hardware's counter at the last look; nil before the first.
    var index: UInt16?
    /// Looks in a row at which frames were lost in the FIFO while none came through.
    var stuckLooks = 0
}

/// Link, counters and watchdogs.
extension GENET {
    /// How long the transmitter may stand still with frames to send (erratum E10).
    static var transmitLimit: Interval { .seconds(2) }
    /// How often to look: at a link that is up, and for one that is not.
    private static var upPeriod: Interval { .seconds(1) }
    private static var downPeriod: Interval { .milliseconds(250) }
    /// Failed conversations with the PHY after which the link counts as lost.
    private static var phyPatience: Int { 3 }

    /// Looks after the hardware: see `NetworkDevice`.
    public func maintain() -> Instant {
        guard isStarted else { return .never }
        if isRunning { watch() }
        if isFaulty { restart() }
        if isRunning { pollLink() }
        return time.now + (link.isUp ? Self.upPeriod : Self.downPeriod)
    }

    // MARK: - Link

    /// Asks the PHY (erratum E9: the MAC's own link interrupts do not work).
    private func pollLink() {
        var state = link
        do throws(DeviceError) {
            state = try phy.pollLink()
            phyFailures = 0
        } catch {
            counters.phyErrors &+= 1
            phyFailures += 1
            if phyFailures >= Self.phyPatience { state = .down }
        }
        if state == link { return }
        if link.isUp { counters.linksDown &+= 1 }
        if case .up(let mode) = state {
            counters.linksUp &+= 1
            applyLink(mode)
        } else {
            bus.modify(GENETRegister.rgmiiControl) { $0.remove(.link) }
        }
        // Only now: other tasks may look while this one waits for the MAC.
        link = state
        transmitWatch = nil
    }

    /// Connects the MAC with the PHY in `mode`. The first time since its reset the MAC comes out of it, now that the PHY gives it
    /// clocks (erratum E6).
    func applyLink(_ mode: LinkMode) {
        bus.modify(GENETRegister.rgmiiControl) { $0.insert(.link) }
        command.apply(mode)
        if command.contains(.reset) {
            // The speed first, still in reset; it selects the clock.
            bus.write(command, to: GENETRegister.command)
            command.remove(.reset)
            bus.write(command, to: GENETRegister.command)
            time.wait(for: .microseconds(2))
            command.formUnion([.transmit, .receive])
        }
        bus.write(command, to: GENETRegister.command)
    }

    // MARK: - Watchdogs

    private func watch() {
        returnDescriptors()
        watchTransmitter()
        watchReceiver()
    }

    /// Erratum E10: after weeks the transmitter may stand still. Seen at two looks at least, so that a late look finds nothing that is not
    /// there.
    private func watchTransmitter() {
        reclaim()
        if isFaulty || !link.isUp || consumed == produced {
            transmitWatch = nil
        } else if let watch = transmitWatch, watch.consumed == consumed {
            if time.now - watch.since >= Self.transmitLimit { isFaulty = true }
        } else {
            transmitWatch = (consumed, time.now)
        }
    }

    /// Erratum E5, should it strike all the same: frames get lost in the FIFO while there are free descriptors and nothing comes through.
    private func watchReceiver() {
        let lost = collectCounters()
        let index = bus.read(DMAEngine.receive.hardwareIndex).counter
        let isStuck = lost > 0 && index == receiveWatch.index && index == received
        receiveWatch.index = index
        receiveWatch.stuckLooks = isStuck ? receiveWatch.stuckLooks + 1 : 0
        if receiveWatch.stuckLooks >= 2 { isFaulty = true }
    }

    /// Adds up the hardware's counters, before they go round or are reset. Returns the frames lost in the receive FIFO since.
    @discardableResult
    func collectCounters() -> UInt64 {
        let overflows = hardwareCounters[.receiveFIFOOverflows]
        hardwareCounters.collect(from: bus)
        let lost = hardwareCounters[.receiveFIFOOverflows] &- overflows
        counters.overruns &+= lost
        return lost
    }
}
