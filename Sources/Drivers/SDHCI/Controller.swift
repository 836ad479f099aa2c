import Interfaces

/// The controller: reset, clock, commands.
extension SDHCI {
    // MARK: - Registers

    /// Writes a register other than the data port. Erratum: while the card's clock is at most 400 kHz, a write within two of its
    /// periods of another is lost. Four periods pass after each (10 us while it is off), as in Linux.
    func write<Value: RegisterFields>(_ value: Value, to register: Register<Value>) {
        bus.write(value, to: register)
        settle()
    }

    /// Writes a register that is one number, under the same erratum.
    func write(_ value: UInt32, to register: Register<UInt32>) {
        bus.write(value, to: register)
        settle()
    }

    private func settle() {
        if clockRate > Self.identificationRate { return }
        let nanoseconds = clockRate == 0 ? 10_000 : (4_000_000_000 + UInt64(clockRate) - 1) / UInt64(clockRate)
        time.wait(for: .nanoseconds(nanoseconds))
    }

    /// The highest clock at which cards are identified, in Hz.
    static var identificationRate: UInt32 { 400_000 }

    // MARK: - Reset and clock

    /// Brings the controller to a known state: 3.3 V, one data line, clock off, all status latching, no interrupts.
    func resetController() throws(CardFailure) {
        clockRate = 0
        hostControl = []
        clockControl = []
        hostControl2 = []
        mode = .defaultSpeed
        write(hostControl, to: HostRegister.hostControl)
        write(ClockControl.resetAll, to: HostRegister.clockControl)
        try awaitReset(.resetAll)
        hostControl = dma == nil ? .power3V3 : [.power3V3, .adma2]
        write(hostControl, to: HostRegister.hostControl)
        time.wait(for: .milliseconds(2))
        write(hostControl2, to: HostRegister.hostControl2)
        write([], to: HostRegister.signalEnable)
        write(.all, to: HostRegister.status)
        write(HostStatus.all.subtracting(.cardInterrupt), to: HostRegister.statusEnable)
        countsTimeout = true
        let timeoutClock = bus.read(HostRegister.capabilities).timeoutClock
        readTimeout = DataTimeout(DataTimeout.reading, at: timeoutClock)
        busyTimeout = DataTimeout(DataTimeout.busy, at: timeoutClock)
    }

    /// Resets what serves the CMD and DAT lines, after an error. The card's clock goes on.
    func resetLines() throws(CardFailure) {
        let lines: ClockControl = [.resetCommandLine, .resetDataLines]
        write(clockControl.union(lines), to: HostRegister.clockControl)
        try awaitReset(lines)
        write(.all, to: HostRegister.status)
    }

    private func awaitReset(_ bits: ClockControl) throws(CardFailure) {
        let isDone = poll(for: .milliseconds(100)) { bus.read(HostRegister.clockControl).isDisjoint(with: bits) }
        if !isDone { throw .timeout("SDHCI CONTROL1 reset bits") }
    }

    /// The divider that brings `base` Hz down to at most `rate` Hz, the fastest that does; the largest there is when none does.
    static func divider(from base: UInt32, to rate: UInt32) -> UInt32 {
        if base <= rate { return 0 }
        return min((base - 1) / (2 * rate) + 1, 1023)
    }

    /// Gives the card a clock of at most `rate` Hz. Erratum: never below 200 kHz, where identification hangs; a divider that is as
    /// small as it may be stays above that.
    func setClock(_ rate: UInt32) throws(CardFailure) {
        let divider = Self.divider(from: baseClock, to: rate)
        stopClock()
        clockControl = .internalClockEnable
        clockControl.timeoutExponent = readTimeout.exponent
        clockControl.divider = divider
        write(clockControl, to: HostRegister.clockControl)
        let isStable = poll(for: .milliseconds(100)) {
            bus.read(HostRegister.clockControl).contains(.internalClockStable)
        }
        if !isStable { throw .timeout("SDHCI CONTROL1 internal clock stable") }
        clockControl.insert(.cardClockEnable)
        write(clockControl, to: HostRegister.clockControl)
        clockRate = divider == 0 ? baseClock : baseClock / (2 * divider)
        // While identifying, the card wants 74 clocks before its first command.
        time.wait(for: clockRate > Self.identificationRate ? .microseconds(50) : .milliseconds(2))
    }

    /// Stops the card's clock.
    func stopClock() {
        clockControl.remove(.cardClockEnable)
        clockRate = 0  // first: the write after this one finds no clock either
        write(clockControl, to: HostRegister.clockControl)
    }

    /// Takes the card's power away and gives it back. Clock and bus power go first: a card whose lines are driven keeps itself alive by them
    /// (SD Physical Layer Simplified Specification 6.00, 6.4.1).
    func cyclePower() {
        stopClock()
        setHostControl([])
        supply.cyclePower()
    }

    /// Changes CONTROL0.
    func setHostControl(_ control: HostControl) {
        hostControl = control
        write(control, to: HostRegister.hostControl)
    }

    /// Lets the controller wait as long as `timeout` says.
    private func wait(_ timeout: DataTimeout) {
        if clockControl.timeoutExponent != timeout.exponent {
            clockControl.timeoutExponent = timeout.exponent
            write(clockControl, to: HostRegister.clockControl)
        }
        if countsTimeout == timeout.isCounted { return }
        countsTimeout = timeout.isCounted
        let enabled = HostStatus.all.subtracting(.cardInterrupt)
        write(countsTimeout ? enabled : enabled.subtracting(.dataTimeout), to: HostRegister.statusEnable)
    }

    /// Asks `condition` until it holds, for `limit` at most. Before the time is looked at: what is so already is told at once. Then every two
    /// microseconds, for what takes a few; and then with rests in which other tasks run, of an eighth of the time it has taken so far, between 20
    /// us and a millisecond.
    func poll(for limit: Interval, until condition: () -> Bool) -> Bool {
        if condition() { return true }
        let start = time.now
        while true {
            let waited = (time.now - start).nanoseconds
            time.wait(for: .nanoseconds(waited < 50_000 ? 2_000 : min(max(waited / 8, 20_000), 1_000_000)))
            if condition() { return true }
            // Once more, for this task may have been the slow one.
            if time.now - start >= limit { return condition() }
        }
    }

    // MARK: - Commands

    /// Sends `command`, takes its response, and waits while the card is busy where it may be. Data is the caller's to move.
    /// After a failure the lines have been reset.
    @discardableResult
    func send(_ command: SDCommand) throws(CardFailure) -> LongResponse {
        try issue(command)
        var words: [4 of UInt32] = [0, 0, 0, 0]
        for index in 0..<(command.response == .long ? 4 : 1) {
            words[index] = bus.read(HostRegister.response.offset + 4 * index)
        }
        return LongResponse(words)
    }

    /// Sends `command`, whose response is a status, and throws the errors in it.
    func sendChecked(_ command: SDCommand) throws(CardFailure) {
        try issue(command)
        let status = CardStatus(rawValue: bus.read(HostRegister.response))
        if status.errors != 0 { throw .status(status) }
    }

    /// Sends `command` and waits for its response.
    private func issue(_ command: SDCommand) throws(CardFailure) {
        do throws(CardFailure) {
            try start(command)
            try awaitStatus(.commandComplete, for: .milliseconds(200), "SDHCI INTERRUPT command complete")
            if command.response == .shortWithBusy {
                try awaitStatus(
                    .transferComplete, for: busyTimeout.patience, "SDHCI INTERRUPT transfer complete (busy)")
            }
        } catch {
            try resetLines()
            throw error
        }
    }

    /// Sends `command` as an application command to the card at `address`.
    func sendApplication(_ command: SDCommand, to address: UInt32) throws(CardFailure) -> LongResponse {
        try send(.application(address))
        return try send(command)
    }

    func start(_ command: SDCommand) throws(CardFailure) {
        if isStopped { throw .absent }
        var inhibit: PresentState = .commandInhibit
        if command.usesDataLines { inhibit.insert(.dataInhibit) }
        let isFree = poll(for: .milliseconds(500)) {
            bus.read(HostRegister.presentState).isDisjoint(with: inhibit)
        }
        if !isFree { throw .timeout("SDHCI PRESENT_STATE inhibit") }
        if command.mayBeBusy { wait(busyTimeout) } else if command.data != .none { wait(readTimeout) }
        // What is left of an earlier command would be taken for this one's. Written whole, never read and changed.
        write(HostStatus.all.subtracting(.cardInterrupt), to: HostRegister.status)
        switch command.data {
        case .none: break
        case .read(let blocks, let size), .write(let blocks, let size):
            write(BlockSizeAndCount(size: size, count: blocks), to: HostRegister.blockSizeAndCount)
        }
        write(command.argument, to: HostRegister.argument)
        write(command.word, to: HostRegister.command)
    }

    /// Waits until the status shows `wanted` or an error, `limit` at most. Asks before it rests: what is there is taken at once.
    func awaitStatus(_ wanted: HostStatus, for limit: Interval, _ name: StaticString) throws(CardFailure) {
        let ends = wanted.union(.error)
        var status: HostStatus = []
        let hasCome = poll(for: limit) {
            status = bus.read(HostRegister.status)
            return !status.isDisjoint(with: ends)
        }
        if !hasCome { throw .timeout(name) }
        try check(status, wanted)
    }

    /// Throws what is wrong according to `status`. A transfer that is complete and timed out is complete: the two may be set together when
    /// the end comes at the last moment (SDHCI 2.2.17, "Transfer Complete").
    func check(_ status: HostStatus, _ wanted: HostStatus) throws(CardFailure) {
        if !status.contains(.error) { return }
        if status.contains(.admaError) { throw .dma }
        if !status.isDisjoint(with: .commandGarbled) { throw .checksum }
        if status.contains(.commandTimeout) { throw .silence }
        if !status.isDisjoint(with: .dataGarbled) { throw .checksum }
        if status.contains(.autoCommandError) { throw .checksum }
        if status.contains(.dataTimeout) {
            if wanted.contains(.transferComplete) && status.contains(.transferComplete) { return }
            throw .timeout("SDHCI INTERRUPT data timeout")
        }
        throw .checksum
    }
}
