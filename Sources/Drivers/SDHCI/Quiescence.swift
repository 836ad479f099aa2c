import Interfaces

/// Leaving a card so that its power may go. Whoever calls this may have crashed in the middle of anything: nothing here waits for a task or an
/// interrupt, and everything is read from the controller and the card themselves.
extension SDHCI {
    /// Brings card and supply back to 3.3 V and the clock to a stop, for whoever starts next: a card left at 1.8 V is not found by the boot
    /// ROM. A call of another task that is under way may finish, for five seconds at most; later ones, and what it would still do after that, end with
    /// `.absent` until `start`.
    public func stop() {
        isClosing = true
        _ = time.poll(for: .seconds(5), every: .milliseconds(1)) { !isBusy }
        isStopped = true
        quiesce(on: time)
        card = nil
        if mode.isAt1V8 {
            cyclePower()
        } else {
            stopClock()
            setHostControl([])
        }
        mode = .defaultSpeed
    }

    /// Waits until the card has written what it was given, and ends a transfer that nobody continues: what loses its power while it writes may
    /// lose blocks that nobody wrote to. Takes a second at most for a transfer under way, five for a card that is busy. Polls on `clock`; with one that
    /// spins it works after a crash, whatever was under way.
    /// - Returns: whether the card is at rest. With false its power may still go: it will not come to rest.
    @discardableResult
    public func quiesce<Waiting: Clock>(on clock: Waiting) -> Bool {
        if clockRate == 0 { return true }
        Self.silence(bus)
        // What the controller moves by itself ends by itself, if its data comes.
        let hasEnded = clock.poll(for: .seconds(1), every: .microseconds(10)) {
            bus.read(HostRegister.presentState).isDisjoint(with: .dataInhibit)
        }
        if !hasEnded { abandonTransfer(on: clock) }
        let isReady = clock.poll(for: Self.longestBusy, every: .microseconds(10)) {
            bus.read(HostRegister.presentState).contains(.firstDataLine)
        }
        guard isReady, let address else { return isReady }
        return clock.poll(for: .seconds(1), every: .microseconds(100)) { isAtRest(address, on: clock) }
    }

    /// Whether the card at `address` is ready for a transfer, or not selected. One in the middle of a transfer is told to end it.
    private func isAtRest<Waiting: Clock>(_ address: UInt32, on clock: Waiting) -> Bool {
        guard let response = sendPolled(.sendStatus(address), on: clock) else { return false }
        let status = CardStatus(rawValue: response)
        switch status.state {
        case .sending, .receiving:
            abandonTransfer(on: clock)
            return false
        case .transfer: return status.isReady
        case .standby: return true
        default: return false
        }
    }

    /// Takes the data lines from the controller, and the transfer from the card.
    private func abandonTransfer<Waiting: Clock>(on clock: Waiting) {
        resetPolled(on: clock)
        _ = sendPolled(.stop, on: clock)
    }

    private func resetPolled<Waiting: Clock>(on clock: Waiting) {
        let lines: ClockControl = [.resetCommandLine, .resetDataLines]
        put(clockControl.union(lines).rawValue, to: HostRegister.clockControl.offset, on: clock)
        _ = clock.poll(for: .milliseconds(100), every: .microseconds(10)) {
            bus.read(HostRegister.clockControl).isDisjoint(with: lines)
        }
    }

    /// Sends `command`, which moves no data. Returns its response; nil when none came.
    private func sendPolled<Waiting: Clock>(_ command: SDCommand, on clock: Waiting) -> UInt32? {
        if !bus.read(HostRegister.presentState).isDisjoint(with: .commandInhibit) { resetPolled(on: clock) }
        put(HostStatus.all.rawValue, to: HostRegister.status.offset, on: clock)
        put(command.argument, to: HostRegister.argument.offset, on: clock)
        put(command.word.rawValue, to: HostRegister.command.offset, on: clock)
        var status: HostStatus = []
        let hasCome = clock.poll(for: .milliseconds(100), every: .microseconds(10)) {
            status = bus.read(HostRegister.status)
            return !status.isDisjoint(with: [.commandComplete, .error])
        }
        if hasCome, !status.contains(.error) { return bus.read(HostRegister.response) }
        resetPolled(on: clock)
        return nil
    }

    /// Writes a register. The wait is long enough for any clock at which writes are lost.
    private func put<Waiting: Clock>(_ value: UInt32, to offset: Int, on clock: Waiting) {
        bus.write(value, at: offset)
        clock.wait(for: .microseconds(20))
    }
}
