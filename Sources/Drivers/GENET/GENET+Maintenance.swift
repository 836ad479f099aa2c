import Interfaces

/// What `maintain` remembers of a transmitter that has something to send and does not move.
struct TransmitWatch {
    /// The hardware's counter.
    var consumed: UInt16
    /// Since when nothing explains the standstill.
    var since: Instant
    /// When it was first seen.
    let start: Instant
    /// Pause frames received when last looked at.
    var pauses: UInt64
}

/// What `maintain` remembers of the receiver.
struct ReceiveWatch {
    /// The hardware's counter, and when it was first seen at this value.
    var index: UInt16
    var since: Instant
    /// Frames lost in the FIFO since then.
    var lost: UInt64 = 0
}

/// Link and counters; `GENET+Watchdogs` for hardware that got stuck.
extension GENET {
    /// How often to look: at a link that is up, for one that is not, and when somebody else talks to the PHY.
    private static var upPeriod: Interval { .seconds(1) }
    private static var downPeriod: Interval { .milliseconds(250) }
    private static var busyPeriod: Interval { .milliseconds(10) }
    /// Failed conversations with the PHY after which the link counts as lost.
    private static var phyPatience: Int { 3 }

    /// Looks after the hardware: see `NetworkDevice`.
    public func maintain() -> Instant {
        guard isStarted else { return .never }
        if isRunning { watch() }
        if isFaulty { restart() }
        if isRunning && isPHYBusy { return time.now + Self.busyPeriod }
        if isRunning { pollLink() }
        guard isStarted else { return .never }
        return time.now + (link.isUp ? Self.upPeriod : Self.downPeriod)
    }

    // MARK: - PHY

    /// Lets `body` talk to the PHY while nobody else does, from any task. Waits for its turn, a tenth of a second at most: then it throws
    /// `.timeout`.
    public func withPHY<Result>(
        _ body: (inout PHY) throws(DeviceError) -> Result
    ) throws(DeviceError) -> Result {
        let isFree = time.poll(for: .milliseconds(100), every: .milliseconds(1)) { !isPHYBusy }
        if !isFree { throw .timeout("MDIO, which another task uses") }
        isPHYBusy = true
        defer { isPHYBusy = false }
        return try body(&phy)
    }

    /// How the link's mode comes about from now on: see `EthernetPHY`.
    public func setPreference(_ preference: LinkPreference) throws(DeviceError) {
        try withPHY { phy throws(DeviceError) in try phy.setPreference(preference) }
    }

    // MARK: - Link

    /// Asks the PHY (erratum E9: the MAC's own link interrupts do not work).
    private func pollLink() {
        let mine = stops
        var state = link
        do throws(DeviceError) {
            state = try withPHY { phy throws(DeviceError) in try phy.pollLink() }
            phyFailures = 0
        } catch {
            counters.phyErrors &+= 1
            phyFailures += 1
            if phyFailures >= Self.phyPatience { state = .down }
        }
        guard mine == stops, state != link else { return }
        if link.isUp { counters.linksDown &+= 1 }
        if case .up(let mode) = state {
            counters.linksUp &+= 1
            ignoresPause = false
            applyLink(mode)
            if mine != stops { return }
        } else {
            bus.modify(GENETRegister.rgmiiControl) { $0.remove(.link) }
        }
        // Only now: other tasks may look while this one waits for the MAC.
        link = state
        transmitWatch = nil
        onEvent?(.linkChanged)
    }

    /// Connects the MAC with the PHY in `mode`. The first time since its reset the MAC comes out of it, now that the PHY gives it
    /// clocks (erratum E6).
    func applyLink(_ mode: LinkMode) {
        let mine = stops
        bus.modify(GENETRegister.rgmiiControl) { $0.insert(.link) }
        command.apply(mode)
        if ignoresPause { command.insert(.ignorePause) }
        if command.contains(.reset) {
            // The speed first, still in reset; it selects the clock.
            bus.write(command, to: GENETRegister.command)
            command.remove(.reset)
            bus.write(command, to: GENETRegister.command)
            time.wait(for: .microseconds(2))
            if mine != stops { return }
            command.formUnion([.transmit, .receive])
        }
        bus.write(command, to: GENETRegister.command)
    }

    // MARK: - Counters

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
