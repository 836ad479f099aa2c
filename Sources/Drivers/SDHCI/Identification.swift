import Interfaces

/// From power to a card that is ready for transfers (SD Physical Layer Simplified Specification 6.00, 4.2 and 4.3).
extension SDHCI {
    /// Resets the controller and identifies the card. A card that does not answer gets its power cycled once: it may have been left at
    /// 1.8 V. After a failure the card's clock is off.
    func identify() throws(CardFailure) {
        guard bus.probe(HostRegister.presentState.offset) != nil else { throw .absent }
        if baseClock == 0 { baseClock = bus.read(HostRegister.capabilities).baseClockMHz * 1_000_000 }
        if baseClock == 0 { throw .timeout("SDHCI base clock unknown") }
        supply.turnOn()
        do throws(CardFailure) {
            try identifyOnce()
        } catch {
            supply.cyclePower()
            do throws(CardFailure) {
                try identifyOnce()
            } catch {
                stopClock()
                throw error
            }
        }
    }

    private func identifyOnce() throws(CardFailure) {
        try resetController()
        try setClock(Self.identificationRate)
        let isHighCapacity = try negotiateVoltage()
        let identity = CardIdentity(try send(.allSendIdentity))
        let address = try send(.sendAddress).words[0] >> 16
        let specificData = CardSpecificData(try send(.sendSpecificData(address)))
        guard let blockCount = specificData.blockCount else { throw .invalid }
        var card = SDCard(
            identity: identity, specificData: specificData, configuration: nil, address: address,
            isHighCapacity: isHighCapacity, blockCount: blockCount)
        try setClock(Self.defaultRate)
        try sendChecked(.select(address))
        if !isHighCapacity { try sendChecked(.setBlockLength) }
        card.configuration = try readConfiguration(of: card)
        try widenBus(of: card)
        try raiseSpeed(of: card)
        self.card = card
    }

    /// The highest clock without high speed timing, in Hz.
    static var defaultRate: UInt32 { 25_000_000 }
    /// The highest clock with high speed timing at 3.3 V, in Hz.
    static var highSpeedRate: UInt32 { 50_000_000 }

    /// Takes the card from idle to ready.
    /// - Returns: whether it is of high capacity.
    private func negotiateVoltage() throws(CardFailure) -> Bool {
        try send(.goIdle)
        let isVersion2 = try answersInterfaceCondition()
        // Without an argument: an inquiry, which starts nothing. A slot without a card stays silent here.
        try inquire()
        let deadline = time.now + .seconds(2)
        while true {
            let answer = try sendApplication(
                .sendOperatingCondition(isVersion2 ? Self.hostConditions : Self.voltages), to: 0
            ).words[0]
            if answer & Self.isPoweredUp != 0 { return isVersion2 && answer & Self.highCapacity != 0 }
            if time.now >= deadline { throw .timeout("ACMD41 power-up") }
            time.wait(for: .milliseconds(10))
        }
    }

    /// OCR: 2.7 to 3.6 V.
    private static var voltages: UInt32 { 0x00FF_8000 }
    /// OCR: CCS, high capacity.
    private static var highCapacity: UInt32 { 1 << 30 }
    /// OCR: the card has powered up.
    private static var isPoweredUp: UInt32 { 1 << 31 }
    /// ACMD41: voltages, high capacity supported, maximum performance (XPC); no switch to 1.8 V.
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

    private func inquire() throws(CardFailure) {
        do throws(CardFailure) {
            _ = try sendApplication(.sendOperatingCondition(0), to: 0)
        } catch {
            if case .silence = error { throw .absent }
            throw error
        }
    }

    /// ACMD51. Tried again: on some boards the first transfer of data after power-up goes wrong.
    private func readConfiguration(of card: SDCard) throws(CardFailure) -> CardConfiguration {
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

    private func widenBus(of card: SDCard) throws(CardFailure) {
        guard card.configuration?.hasFourBits == true else { return }
        let status = CardStatus(rawValue: try sendApplication(.useFourBits, to: card.address).words[0])
        if status.errors != 0 { throw .status(status) }
        setHostControl(hostControl.union(.fourBits))
    }

    /// Switches card and controller to high speed where both can, and back to 25 MHz where data then does not come through.
    private func raiseSpeed(of card: SDCard) throws(CardFailure) {
        guard card.specificData.canSwitch, card.configuration.map({ $0.specification >= 1 }) == true,
            bus.read(HostRegister.capabilities).hasHighSpeed,
            try switchFunction(Self.checkHighSpeed), try switchFunction(Self.setHighSpeed)
        else { return }
        setHostControl(hostControl.union(.highSpeed))
        try setClock(Self.highSpeedRate)
        do throws(CardFailure) {
            if try readConfiguration(of: card) == card.configuration { return }
        } catch {
            if !error.isWorthRetry { throw error }
        }
        // The card keeps its high speed timing, which holds at 25 MHz as well.
        try slowDown()
    }

    /// Falls back to 25 MHz.
    func slowDown() throws(CardFailure) {
        setHostControl(hostControl.subtracting(.highSpeed))
        try setClock(Self.defaultRate)
    }

    /// CMD6: would function 1 (high speed) of group 1 be accepted; the other groups stay.
    private static var checkHighSpeed: UInt32 { 0x00FF_FFF1 }
    /// CMD6: the same, for good.
    private static var setHighSpeed: UInt32 { 0x80FF_FFF1 }

    /// CMD6. Returns whether the card names high speed as the function in use (bits 379 to 376 of its answer).
    private func switchFunction(_ argument: UInt32) throws(CardFailure) -> Bool {
        var bytes = [64 of UInt8](repeating: 0)
        var span = bytes.mutableSpan
        var buffer = unsafe span.mutableBytes  // any byte is a UInt8
        try receive(.switchFunction(argument), into: &buffer)
        return bytes[16] & 0xF == 1
    }
}
