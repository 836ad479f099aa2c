import Interfaces

/// From power to a card that is ready for transfers (SD Physical Layer Simplified Specification 6.00, 4.2 and 4.3).
extension SDHCI {
    /// Resets the controller and identifies the card. A card that does not answer, or not at 1.8 V, gets its power cycled. After a
    /// failure the card's clock is off.
    func identify() throws(CardFailure) {
        guard bus.probe(HostRegister.presentState.offset) != nil else { throw .absent }
        if baseClock == 0 { baseClock = bus.read(HostRegister.capabilities).baseClockMHz * 1_000_000 }
        if baseClock == 0 { throw .timeout("SDHCI base clock unknown") }
        if isStopped { throw .absent }
        // A card at 1.8 V stays there until its power is off.
        if mode.isAt1V8 {
            cyclePower()
        } else {
            // An earlier stage may have left it there.
            stopClock()
            setHostControl([])
            supply.turnOn()
        }
        var attempt = 1
        while true {
            do throws(CardFailure) {
                return try identifyOnce()
            } catch {
                if case .voltage = error { ceiling = .highSpeed } else { attempt += 1 }
                if attempt == 3 {
                    stopClock()
                    throw error
                }
                cyclePower()
            }
        }
    }

    private func identifyOnce() throws(CardFailure) {
        address = nil
        try resetController()
        try setClock(Self.identificationRate)
        guard let conditions = try negotiateVoltage() else { return try identifyEmbedded() }
        if conditions & Self.switchTo1V8 != 0 { try switchVoltage() }
        let identity = CardIdentity(try send(.allSendIdentity))
        let address = try send(.sendAddress).words[0] >> 16
        self.address = address
        let specificData = CardSpecificData(try send(.sendSpecificData(address)))
        guard let blockCount = specificData.blockCount else { throw .invalid }
        var card = SDCard(
            identity: identity, specificData: specificData, configuration: nil, operatingConditions: conditions,
            address: address, blockCount: blockCount)
        try setClock(Self.defaultRate)
        try sendChecked(.select(address))
        if !card.isHighCapacity { try sendChecked(.setBlockLength) }
        card.configuration = try readConfiguration(of: card)
        if card.quirks.contains(.noBlockCount) { takesBlockCount = false }
        try widenBus(of: card)
        try raiseSpeed(of: card)
        self.card = card
    }

    /// Takes the card from idle to ready.
    /// - Returns: its OCR; `switchTo1V8` is set only when it was asked and agreed. Nil when there is no card: an eMMC may be.
    private func negotiateVoltage() throws(CardFailure) -> UInt32? {
        try send(.goIdle)
        let isVersion2 = try answersInterfaceCondition()
        // Without an argument: an inquiry, which starts nothing. A slot without a card stays silent here.
        guard try inquire() else { return nil }
        let asksFor1V8 = isVersion2 && canSignalAt1V8
        let question = isVersion2 ? Self.hostConditions | (asksFor1V8 ? Self.switchTo1V8 : 0) : Self.voltages
        let deadline = time.now + .seconds(2)
        while true {
            let answer = try sendApplication(.sendOperatingCondition(question), to: 0).words[0]
            if answer & Self.isPoweredUp != 0 {
                let known = isVersion2 ? answer : answer & ~Self.highCapacity
                return asksFor1V8 ? known : known & ~Self.switchTo1V8
            }
            if time.now >= deadline { throw .timeout("ACMD41 power-up") }
            // Some cards want to be asked eighty times.
            time.wait(for: .milliseconds(1))
        }
    }

    /// Whether controller and board can go to 1.8 V, and are to.
    private var canSignalAt1V8: Bool {
        guard ceiling >= .withoutDDR50, bus.read(HostRegister.capabilities).has1V8, supply.canSignalAt1V8 else {
            return false
        }
        let speeds = bus.read(HostRegister.speedCapabilities)
        return speeds.has(.ddr50) || speeds.has(.sdr50)
    }

    /// Switches card, board and controller to 1.8 V (SD Physical Layer Simplified Specification 6.00, 4.2.4.2): the card pulls its lines
    /// low, and lets go of them when it is through. Throws `.voltage` when any of the three does not follow.
    private func switchVoltage() throws(CardFailure) {
        try sendChecked(.switchVoltage)
        // From here on only a power cycle leads back.
        mode = .sdr12
        // The card needs its clock to pull its lines low.
        time.wait(for: .milliseconds(1))
        stopClock()
        guard bus.read(HostRegister.presentState).isDisjoint(with: .dataLines), supply.signalAt1V8() else {
            throw .voltage
        }
        hostControl2 = .signalling1V8
        write(hostControl2, to: HostRegister.hostControl2)
        time.wait(for: .milliseconds(5))
        guard bus.read(HostRegister.hostControl2).contains(.signalling1V8) else { throw .voltage }
        try setClock(Self.identificationRate)
        guard bus.read(HostRegister.presentState).isSuperset(of: .dataLines) else { throw .voltage }
    }

    /// OCR: 2.7 to 3.6 V.
    private static var voltages: UInt32 { 0x00FF_8000 }
    /// OCR: CCS, high capacity.
    private static var highCapacity: UInt32 { 1 << 30 }
    /// OCR: the card has powered up.
    private static var isPoweredUp: UInt32 { 1 << 31 }
    /// ACMD41: S18R, and in the answer S18A: the card goes to 1.8 V.
    static var switchTo1V8: UInt32 { 1 << 24 }
    /// ACMD41: voltages, high capacity supported, maximum performance (XPC).
    private static var hostConditions: UInt32 { voltages | highCapacity | 1 << 28 }

    /// CMD8: cards before version 2.00 do not know it and stay silent.
    private func answersInterfaceCondition() throws(CardFailure) -> Bool {
        let answer: UInt32
        do throws(CardFailure) {
            answer = try send(.sendInterfaceCondition).words[0]
        } catch {
            if case .silence = error { return false }
            throw error
        }
        if answer & 0xFFF != SDCommand.interfaceCondition { throw .invalid }
        return true
    }

    /// Whether a card answers.
    private func inquire() throws(CardFailure) -> Bool {
        do throws(CardFailure) {
            _ = try sendApplication(.sendOperatingCondition(0), to: 0)
            return true
        } catch {
            if case .silence = error { return false }
            throw error
        }
    }

    /// ACMD51. Tried again: on some boards the first transfer of data after power-up goes wrong.
    func readConfiguration(of card: SDCard) throws(CardFailure) -> CardConfiguration {
        var attempt = 1
        while true {
            do throws(CardFailure) {
                try send(.application(card.address))
                var bytes: [8 of UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
                var span = bytes.mutableSpan
                var buffer = unsafe span.mutableBytes  // any byte is a UInt8
                try receive(.sendConfiguration, into: &buffer)
                var value: UInt64 = 0
                for index in 0..<8 { value = value << 8 | UInt64(bytes[index]) }
                let configuration = CardConfiguration(rawValue: value)
                if !configuration.isKnown { throw .invalid }
                return configuration
            } catch {
                if attempt == 3 || !error.isWorthRetry { throw error }
                attempt += 1
            }
        }
    }
}
