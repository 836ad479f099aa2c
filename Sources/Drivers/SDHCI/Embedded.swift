import Interfaces

/// eMMC: soldered to a Compute Module 4 in place of the slot, with eight data lines (JEDEC JESD84-B51). Its states and transfers are a card's; it is identified,
/// told its modes and erased by other commands. Only the user area is used: what chooses another is never written.
extension SDHCI {
    /// Takes an eMMC from idle to ready. `.absent` when there is none.
    func identifyEmbedded() throws(CardFailure) {
        // What it heard of CMD8 and CMD55 it may take as an error.
        try send(.goIdle)
        let conditions = try negotiateEmbedded()
        let identity = CardIdentity(try send(.allSendIdentity))
        try sendChecked(.assignAddress(Self.embeddedAddress))
        address = Self.embeddedAddress
        let specificData = CardSpecificData(try send(.sendSpecificData(Self.embeddedAddress)))
        try setClock(Self.defaultRate)
        try sendChecked(.select(Self.embeddedAddress))
        var card = SDCard(
            identity: identity, specificData: specificData, configuration: nil, operatingConditions: conditions,
            address: Self.embeddedAddress, blockCount: specificData.embeddedBlockCount)
        card.isEmbedded = true
        if !card.isHighCapacity { try sendChecked(.setBlockLength) }
        // Before version 4 there is no more to know, and one data line.
        if specificData.embeddedVersion >= 4 { try readAbilities(of: &card) }
        if card.blockCount == 0 { throw .invalid }
        self.card = card
    }

    private func readAbilities(of card: inout SDCard) throws(CardFailure) {
        var extended = try readExtendedData()
        var attempt = 1
        // Tried again: the first data after power-up goes wrong on some boards.
        while extended == nil, attempt < 3 {
            extended = try readExtendedData()
            attempt += 1
        }
        guard let extended, extended.isInUserArea else { throw .invalid }
        card.extendedData = extended
        if extended.blockCount != 0 { card.blockCount = extended.blockCount }
        try raiseTiming(extended, card)
        try widenEmbedded(extended, card)
    }

    /// CMD1, until it has powered up.
    private func negotiateEmbedded() throws(CardFailure) -> UInt32 {
        let deadline = time.now + .seconds(2)
        while true {
            let answer: UInt32
            do throws(CardFailure) {
                answer = try send(.sendEmbeddedCondition(Self.embeddedConditions)).words[0]
            } catch {
                if case .silence = error { throw .absent }
                throw error
            }
            if answer >> 31 != 0 { return answer & ~Self.switchTo1V8 }
            if time.now >= deadline { throw .timeout("CMD1 power-up") }
            time.wait(for: .milliseconds(1))
        }
    }

    /// Goes to 52 MHz where the device and `ceiling` allow it.
    private func raiseTiming(_ extended: ExtendedCardData, _ card: SDCard) throws(CardFailure) {
        guard ceiling != .defaultSpeed, extended.hasHighSpeed52, try setField(.timing, 1, card) else { return }
        try use(.highSpeed)
    }

    /// Uses eight data lines, or four, whichever the register comes through; one always does.
    private func widenEmbedded(_ extended: ExtendedCardData, _ card: SDCard) throws(CardFailure) {
        let hasEight = bus.read(HostRegister.capabilities).hasEightBits
        // BUS_WIDTH: 2 for eight lines, 1 for four.
        for width in stride(from: UInt32(2), through: 1, by: -1) {
            if width == 2, !hasEight { continue }
            guard try setField(.busWidth, width, card) else { continue }
            setWidth(width == 2 ? .eightBits : .fourBits)
            do throws(CardFailure) {
                if let again = try readExtendedData(), again.isOfSameDevice(as: extended) { return }
            } catch {
                if !error.isWorthRetry { throw error }
            }
        }
        // CMD6 moves no data: it is understood in any width.
        guard try setField(.busWidth, 0, card) else { throw .invalid }
        setWidth([])
    }

    private func setWidth(_ width: HostControl) {
        setHostControl(hostControl.subtracting([.eightBits, .fourBits]).union(width))
    }

    /// CMD6: sets a field of the EXT_CSD. Returns whether the device took it.
    private func setField(_ field: ExtendedCardData.Field, _ value: UInt32, _ card: SDCard) throws(CardFailure) -> Bool
    {
        try sendChecked(.setField(field.rawValue, value))
        let status = CardStatus(rawValue: try send(.sendStatus(card.address)).words[0])
        return !status.hasSwitchError && status.errors == 0
    }

    /// CMD8 of an eMMC. Nil when what came makes no sense, or came garbled.
    private func readExtendedData() throws(CardFailure) -> ExtendedCardData? {
        var bytes = [512 of UInt8](repeating: 0)
        var span = bytes.mutableSpan
        var buffer = unsafe span.mutableBytes  // any byte is a UInt8
        do throws(CardFailure) {
            try receive(.sendExtendedData, into: &buffer)
        } catch {
            if !error.isWorthRetry { throw error }
            return nil
        }
        return unsafe ExtendedCardData(bytes.span.bytes)  // any UInt8 is a byte
    }

    /// The address it is given: any but 0.
    private static var embeddedAddress: UInt32 { 1 }
    /// CMD1: sectors as addresses, 2.7 to 3.6 V, 1.70 to 1.95 V.
    private static var embeddedConditions: UInt32 { 1 << 30 | 0x00FF_8080 }
}
