import Interfaces

/// What is done about errors, so that the caller does not see them.
extension SDHCI {
    /// Attempts at a command.
    private static var attempts: Int { 4 }
    /// How long a card may go on writing what it took, all in all.
    static var longestBusy: Interval { .seconds(5) }

    /// Makes `attempt`, and makes it again after what can be recovered from. Clears the card when it has gone.
    func retrying(_ attempt: (SDCard) throws(CardFailure) -> Void) throws(CardFailure) {
        var number = 1
        while true {
            // Asked anew each time: a recovery may have given the card another address.
            guard let card else { throw .absent }
            let failure: CardFailure
            do throws(CardFailure) {
                try attempt(card)
                countClean()
                return
            } catch {
                failure = error
            }
            if case .checksum = failure { dataErrors += 1 }
            cleanCommands = 0
            // Also after the last one: the next call finds the card ready, or notices that it has gone.
            try recover(card, hasWaited: failure.isTimeout)
            if !failure.isWorthRetry || number == Self.attempts { throw failure }
            statistics.retries &+= 1
            number += 1
            if case .dma = failure { distrustDMA() }
            if failure.isOfSignals { try adapt(to: number, card) }
        }
    }

    /// Makes attempt `number` likelier to go well: tuned anew, slower, identified anew.
    private func adapt(to number: Int, _ card: SDCard) throws(CardFailure) {
        do throws(CardFailure) {
            switch number {
            case 2 where dataErrors < Self.mostErrors: try retune(card)
            case 2, 3: try stepDown(card)
            default:
                ceiling = .defaultSpeed
                try identifyAgain(card)
            }
        } catch {
            if case .absent = error { throw error }
            if number == Self.attempts { throw error }
            try identifyAgain(card)
        }
    }

    /// Data errors that are put up with in a mode, as long as there are not a thousand clean commands in between.
    private static var mostErrors: Int { 4 }

    private func countClean() {
        cleanCommands += 1
        if cleanCommands >= 1000 { (cleanCommands, dataErrors) = (0, 0) }
    }

    /// Counts a failure of the controller to move data by itself. After the second in a row it goes through the port.
    private func distrustDMA() {
        admaErrors += 1
        if admaErrors >= 2 { canMoveData = false }
    }

    /// Brings the card back to where it takes commands, whatever it was doing. One that does not answer is identified anew; if it is
    /// not there, or is another one, it is forgotten.
    func recover(_ card: SDCard, hasWaited: Bool = false) throws(CardFailure) {
        do throws(CardFailure) {
            return try recoverState(card, for: hasWaited ? .seconds(1) : Self.longestBusy)
        } catch {}
        try identifyAgain(card)
    }

    /// Ends what the card and the controller may be in the middle of.
    func recoverState(_ card: SDCard, for limit: Interval) throws(CardFailure) {
        try resetLines()
        let state = CardStatus(rawValue: try send(.sendStatus(card.address)).words[0]).state
        if state == .sending || state == .receiving { _ = try? send(.stop) }
        try awaitTransferState(card, for: limit)
    }

    /// Identifies the card that was `card`, at the speed that `ceiling` still allows.
    func identifyAgain(_ card: SDCard) throws(CardFailure) {
        self.card = nil
        statistics.reidentifications &+= 1
        // One that is busy for good would be so after CMD0 as well.
        if !bus.read(HostRegister.presentState).contains(.firstDataLine) { cyclePower() }
        do throws(CardFailure) {
            try identify()
        } catch {
            if case .timeout = error { throw error }
            throw .absent
        }
        if self.card?.identity != card.identity {
            self.card = nil
            throw .absent
        }
    }

    /// Waits until the card is ready for data and in the transfer state; throws the errors it reports on the way.
    func awaitReady(_ card: SDCard, for limit: Interval) throws(CardFailure) {
        let status = try awaitTransferState(card, for: limit)
        if status.errors != 0 { throw .status(status) }
    }

    /// Waits until the card is ready for data and in the transfer state. Returns all the errors it reported on the way: they clear by
    /// being read.
    @discardableResult
    private func awaitTransferState(_ card: SDCard, for limit: Interval) throws(CardFailure) -> CardStatus {
        let deadline = time.now + limit
        var errors: UInt32 = 0
        while true {
            let isLate = time.now >= deadline
            let status = CardStatus(rawValue: try send(.sendStatus(card.address)).words[0])
            errors |= status.errors
            if status.isReady && status.state == .transfer { return CardStatus(rawValue: status.rawValue | errors) }
            if isLate { throw .timeout("CMD13 transfer state (busy)") }
            time.wait(for: .microseconds(50))
        }
    }
}
