import Interfaces

/// Choosing how card and controller talk, and falling back.
extension SDHCI {
    /// The highest clock without high speed timing, in Hz.
    static var defaultRate: UInt32 { 25_000_000 }

    func widenBus(of card: SDCard) throws(CardFailure) {
        guard card.configuration?.hasFourBits == true else { return }
        let status = CardStatus(rawValue: try sendApplication(.useFourBits, to: card.address).words[0])
        if status.errors != 0 { throw .status(status) }
        setHostControl(hostControl.union(.fourBits))
    }

    /// Goes to the fastest mode that card and controller have and through which data comes.
    func raiseSpeed(of card: SDCard) throws(CardFailure) {
        if mode.isAt1V8 { return try raiseSpeedAt1V8(of: card) }
        guard ceiling != .defaultSpeed, card.specificData.canSwitch,
            card.configuration.map({ $0.specification >= 1 }) == true,
            bus.read(HostRegister.capabilities).hasHighSpeed,
            try switchFunction(BusMode.highSpeed.function, isCheck: true),
            try switchFunction(BusMode.highSpeed.function, isCheck: false)
        else { return }
        try use(.highSpeed)
        if try comesThrough(card) { return }
        // The card keeps its high speed timing, which holds at 25 MHz as well.
        ceiling = .defaultSpeed
        try use(.defaultSpeed)
    }

    /// The modes at 1.8 V, the one first that Linux uses on this board.
    private func raiseSpeedAt1V8(of card: SDCard) throws(CardFailure) {
        let host = bus.read(HostRegister.speedCapabilities)
        let choices: [3 of BusMode] = [.ddr50, .sdr50, .sdr25]
        do throws(CardFailure) {
            for index in 0..<3 where host.has(choices[index]) && isFourBits {
                let choice = choices[index]
                if choice == .ddr50, ceiling < .ultraHighSpeed { continue }
                guard try switchFunction(choice.function, isCheck: true),
                    try switchFunction(choice.function, isCheck: false)
                else { continue }
                try use(choice)
                if try tunes(choice, card), try comesThrough(card) { return }
                // Slow enough for the card to be told of the next one.
                try setClock(Self.defaultRate)
            }
            guard try switchFunction(BusMode.sdr12.function, isCheck: false) else { throw CardFailure.voltage }
            try use(.sdr12)
        } catch {
            // Without an answer nobody knows which mode the card is in; only its power gets it out.
            throw .voltage
        }
    }

    /// Brings the controller to `mode`, to which the card has been switched.
    func use(_ mode: BusMode) throws(CardFailure) {
        // The clock stands while its timing changes (SDHCI 3.00, 2.2.24).
        stopClock()
        if mode.isAt1V8 {
            hostControl2.mode = mode.function
            write(hostControl2, to: HostRegister.hostControl2)
        }
        setHostControl(mode.function == 0 ? hostControl.subtracting(.highSpeed) : hostControl.union(.highSpeed))
        self.mode = mode
        try setClock(mode.rate)
    }

    /// Whether the card's configuration reads as it did.
    private func comesThrough(_ card: SDCard) throws(CardFailure) -> Bool {
        do throws(CardFailure) {
            return try readConfiguration(of: card) == card.configuration
        } catch {
            if !error.isWorthRetry { throw error }
            return false
        }
    }

    /// Falls back by one step, for as long as this card is in use: from data on both edges to one, from 1.8 V to 3.3 V, from 50 MHz to 25.
    func stepDown(_ card: SDCard) throws(CardFailure) {
        dataErrors = 0
        switch mode {
        case .ddr50: ceiling = .withoutDDR50
        case .sdr50, .sdr25, .sdr12: ceiling = .highSpeed
        case .highSpeed, .defaultSpeed:
            ceiling = .defaultSpeed
            return try use(.defaultSpeed)
        }
        try identifyAgain(card)
    }

    /// CMD6. Returns whether the card names `function` as the one in use in group 1 (bits 379 to 376 of its answer); with `isCheck` whether
    /// it would be. The other groups stay.
    private func switchFunction(_ function: UInt32, isCheck: Bool) throws(CardFailure) -> Bool {
        var bytes = [64 of UInt8](repeating: 0)
        var span = bytes.mutableSpan
        var buffer = unsafe span.mutableBytes  // any byte is a UInt8
        try receive(.switchFunction((isCheck ? 0 : 1 << 31) | 0x00FF_FFF0 | function), into: &buffer)
        return UInt32(bytes[16] & 0xF) == function
    }

    // MARK: - Tuning

    /// Tunes for `mode` where that needs it. Returns whether data may be tried. In DDR50 it is tried anyway: not all cards know CMD19 there, and those that
    /// do not have to do without.
    private func tunes(_ mode: BusMode, _ card: SDCard) throws(CardFailure) -> Bool {
        guard isTuned(mode, card) else { return true }
        do throws(CardFailure) {
            try tune()
            return true
        } catch {
            if !error.isWorthRetry { throw error }
            if mode == .ddr50 { try recoverState(card, for: .seconds(1)) }
            return mode == .ddr50
        }
    }

    /// Whether the controller is tuned to the card in `mode`: Linux does so in both.
    private func isTuned(_ mode: BusMode, _ card: SDCard) -> Bool {
        switch mode {
        case .sdr50: bus.read(HostRegister.speedCapabilities).tunesSDR50
        case .ddr50: !card.quirks.contains(.noTuningAtDDR50)
        default: false
        }
    }

    /// Tunes anew, in a mode that is tuned.
    func retune(_ card: SDCard) throws(CardFailure) { _ = try tunes(mode, card) }

    /// Lets the controller find the moment at which to sample (SDHCI 3.00, 2.2.24 and 3.7.7 "Sampling Clock Tuning"): it looks at the
    /// card's tuning block at each of its taps.
    private func tune() throws(CardFailure) {
        write(hostControl2.union(.executeTuning), to: HostRegister.hostControl2)
        do throws(CardFailure) {
            for _ in 0..<40 {
                try start(.sendTuningBlock)
                try awaitStatus(.bufferReadReady, for: .milliseconds(150), "SDHCI INTERRUPT tuning block")
                write(.bufferReadReady, to: HostRegister.status)
                let state = bus.read(HostRegister.hostControl2)
                if state.contains(.executeTuning) { continue }
                guard state.contains(.samplingClockTuned) else { break }
                hostControl2.insert(.samplingClockTuned)
                return
            }
            throw CardFailure.checksum
        } catch {
            // The fixed sampling clock again.
            hostControl2.remove(.samplingClockTuned)
            write(hostControl2, to: HostRegister.hostControl2)
            try resetLines()
            throw error
        }
    }
}
