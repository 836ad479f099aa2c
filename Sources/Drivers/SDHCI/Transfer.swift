import Interfaces

/// Moving blocks.
extension SDHCI {
    /// Blocks in one command at most: 1 MiB. The count has 16 bits; an attempt that fails starts its command again.
    static var blocksPerCommand: Int { 2048 }
    /// Attempts at a command. The last one runs at 25 MHz.
    private static var attempts: Int { 3 }

    // MARK: - BlockDevice

    /// Reads blocks: see `BlockDevice`.
    public func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        enter()
        defer { leave() }
        let count = try check(first, byteCount: buffer.byteCount)
        var done = 0
        while done < count {
            let blocks = min(count - done, Self.blocksPerCommand)
            let bytes = done * Self.blockSize..<(done + blocks) * Self.blockSize
            do throws(CardFailure) {
                try retrying { (card) throws(CardFailure) in
                    var part = buffer._mutatingExtracting(bytes)
                    try receive(.read(blocks, at: card.argument(for: first + UInt64(done))), into: &part)
                }
            } catch {
                throw BlockError(error.cause)
            }
            statistics.blocksRead &+= UInt64(blocks)
            done += blocks
        }
    }

    /// Writes blocks: see `BlockDevice`. On an error the blocks before the `unknown` ones have been written, those after are
    /// as they were.
    public func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        enter()
        defer { leave() }
        let count = try check(first, byteCount: buffer.byteCount)
        if geometry.isReadOnly { throw BlockError(.readOnly) }
        var done = 0
        while done < count {
            let blocks = min(count - done, Self.blocksPerCommand)
            let bytes = done * Self.blockSize..<(done + blocks) * Self.blockSize
            let start = first + UInt64(done)
            var touched = 0
            do throws(CardFailure) {
                try retrying { (card) throws(CardFailure) in
                    try transmit(
                        .write(blocks, at: card.argument(for: start)), from: buffer.extracting(bytes),
                        touched: &touched)
                    // Errors of programming show in the status only now, and the card must be out of it before the next command.
                    try awaitReady(card, for: .seconds(1))
                }
            } catch {
                throw BlockError(error.cause, unknown: start..<start + UInt64(touched))
            }
            statistics.blocksWritten &+= UInt64(blocks)
            done += blocks
        }
    }

    /// Waits until the card has written what it took: see `BlockDevice`. The card's optional cache is never turned on.
    public func flush() throws(BlockError) {
        enter()
        defer { leave() }
        do throws(CardFailure) {
            try retrying { (card) throws(CardFailure) in try awaitReady(card, for: .seconds(1)) }
        } catch {
            throw BlockError(error.cause)
        }
    }

    /// Checks a request against the card. Returns its length in blocks.
    private func check(_ first: UInt64, byteCount: Int) throws(BlockError) -> Int {
        guard let card else { throw BlockError(.absent) }
        let count = byteCount / Self.blockSize
        guard byteCount % Self.blockSize == 0, first <= card.blockCount, UInt64(count) <= card.blockCount - first
        else { throw BlockError(.outOfRange) }
        return count
    }

    // MARK: - Attempts

    /// Makes `attempt`, and makes it again after what can be recovered from. Clears the card when it has gone.
    func retrying(_ attempt: (SDCard) throws(CardFailure) -> Void) throws(CardFailure) {
        var number = 1
        while true {
            // Asked anew each time: a recovery may have given the card another address.
            guard let card else { throw .absent }
            do throws(CardFailure) {
                return try attempt(card)
            } catch {
                if !error.isWorthRetry || number == Self.attempts {
                    // The next call finds the card ready, or notices that it has gone.
                    try recover(card)
                    throw error
                }
            }
            statistics.retries &+= 1
            number += 1
            try recover(card)
            if number == Self.attempts && isHighSpeed { try slowDown() }
        }
    }

    /// Brings the card back to where it takes commands, whatever it was doing. One that does not answer is identified anew; if it is
    /// not there, or is another one, it is forgotten.
    private func recover(_ card: SDCard) throws(CardFailure) {
        do throws(CardFailure) {
            try resetLines()
            let state = CardStatus(rawValue: try send(.sendStatus(card.address)).words[0]).state
            if state == .sending || state == .receiving { _ = try? send(.stop) }
            try awaitTransferState(card, for: .seconds(1))
            return
        } catch {}
        self.card = nil
        statistics.reidentifications &+= 1
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

    // MARK: - Data

    /// Sends `command`, which reads, and moves its data to `buffer`.
    func receive(_ command: SDCommand, into buffer: inout MutableRawSpan) throws(CardFailure) {
        guard case .read(let blocks, let size) = command.data else { return }
        try sendChecked(command)
        do throws(CardFailure) {
            for block in 0..<blocks {
                try awaitStatus(.bufferReadReady, for: .seconds(1), "SDHCI INTERRUPT buffer read ready")
                // Cleared before the port is read: the controller sets it again as soon as the next block is there.
                bus.write(HostStatus.bufferReadReady, to: HostRegister.status)
                for offset in stride(from: block * size, to: (block + 1) * size, by: 4) {
                    buffer.storeBytes(of: bus.read(HostRegister.data), toByteOffset: offset, as: UInt32.self)
                }
            }
            try completeTransfer(blocks, isRead: true)
        } catch {
            try resetLines()
            throw error
        }
    }

    /// Sends `command`, which writes, and moves its data from `buffer`. `touched` grows to the number of blocks of which the card may have
    /// got any part.
    private func transmit(_ command: SDCommand, from buffer: RawSpan, touched: inout Int) throws(CardFailure) {
        guard case .write(let blocks, let size) = command.data else { return }
        try sendChecked(command)
        do throws(CardFailure) {
            for block in 0..<blocks {
                try awaitStatus(.bufferWriteReady, for: .seconds(1), "SDHCI INTERRUPT buffer write ready")
                bus.write(HostStatus.bufferWriteReady, to: HostRegister.status)
                touched = max(touched, block + 1)
                for offset in stride(from: block * size, to: (block + 1) * size, by: 4) {
                    let word = unsafe buffer.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
                    bus.write(word, to: HostRegister.data)
                }
            }
            try completeTransfer(blocks, isRead: false)
        } catch {
            try resetLines()
            throw error
        }
    }

    /// Waits for the end of a transfer of `blocks` blocks, and throws the errors that the card reports in its response to the controller's
    /// own CMD12: they are told once, there, and no later status repeats them.
    private func completeTransfer(_ blocks: Int, isRead: Bool) throws(CardFailure) {
        try awaitStatus(.transferComplete, for: .seconds(1), "SDHCI INTERRUPT transfer complete")
        write(.transferComplete, to: HostRegister.status)
        if blocks == 1 { return }
        let status = CardStatus(rawValue: bus.read(HostRegister.autoStopResponse))
        // A card that reads ahead has run past its last block, and may say so though nobody asked for more (4.3.3).
        let errors = isRead ? status.errors & ~CardStatus.outOfRange : status.errors
        if errors != 0 { throw .status(status) }
    }
}
