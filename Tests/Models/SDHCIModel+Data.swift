import Interfaces

/// Blocks through the port, and how a transfer begins and ends.
extension SDHCIModel {
    var blockSize: Int { Int(blockSizeAndCount & 0xFFF) }
    private var isMultiple: Bool { command >> 5 & 1 != 0 }
    private var hasAutoStop: Bool { command >> 2 & 3 == 1 }
    /// Data lines that the controller uses.
    private var width: Int { hostControl & 1 << 5 != 0 ? 8 : hostControl & 1 << 1 != 0 ? 4 : 1 }
    var blockTime: Interval {
        let edges = card?.function == 4 ? 2 : 1
        return periods(UInt64(blockSize * 8 / width / edges + 20))
    }

    func startData(_ value: UInt32) {
        isReading = value >> 4 & 1 != 0
        isDataInhibited = true
        blocksDone = 0
        blocksLeft = isMultiple && value >> 1 & 1 != 0 ? Int(blockSizeAndCount >> 16) : 1
        fifo = []
        if isMultiple && isReading && !hasAutoStop { return failData(.timeout) }
        // Data on other lines than the card's arrives garbled.
        if card?.width != width || width > connectedLines || !samplesRight {
            card?.loseBlock(isLast: !isMultiple)
            return failData(.checksum)
        }
        if value & 1 != 0 { return startDMA() }
        if isReading { fetchBlock() } else { raise(1 << 4) }
    }

    func failData(_ fault: SDCardModel.TransferFault) {
        let generation = dataGeneration
        switch fault {
        case .checksum: raise(1 << 21)
        case .timeout:
            clock.schedule(after: timeoutPeriod) { [self] in
                if generation == dataGeneration { raise(1 << 20) }
            }
        }
    }

    func removeCardIfDue() {
        if removesCardAtBlock == blocksDone {
            card = nil
            removesCardAtBlock = nil
        }
        blocksDone += 1
    }

    private func fetchBlock() {
        let generation = dataGeneration
        clock.schedule(after: blockTime) { [self] in
            if generation != dataGeneration { return }
            removeCardIfDue()
            switch card?.nextBlock(size: blockSize, clock: cardClock) {
            case .success(let block):
                fifo = block
                raise(1 << 5)
            case .failure(let fault): failData(fault)
            case nil: failData(.timeout)
            }
        }
    }

    func takeWord() -> UInt32 {
        guard isReading, fifo.count >= 4 else {
            violations.append("data port read while it is empty")
            return 0
        }
        let word = (0..<4).reduce(0) { $0 | UInt32(fifo[$1]) << UInt32($1 * 8) }
        fifo.removeFirst(4)
        if !fifo.isEmpty { return word }
        blocksLeft -= 1
        if blocksLeft > 0 { fetchBlock() } else { finishData() }
        return word
    }

    func putWord(_ word: UInt32) {
        guard !isReading, isDataInhibited, blocksLeft > 0, fifo.count < blockSize else {
            violations.append("data port written while it is full")
            return
        }
        for byte in 0..<4 { fifo.append(UInt8(truncatingIfNeeded: word >> UInt32(byte * 8))) }
        if fifo.count == blockSize { sendBlock() }
    }

    private func sendBlock() {
        let generation = dataGeneration
        clock.schedule(after: blockTime) { [self] in
            if generation != dataGeneration { return }
            removeCardIfDue()
            guard let card else { return failData(.timeout) }
            if let fault = card.take(fifo, clock: cardClock, at: clock.now) { return failData(fault) }
            fifo = []
            blocksLeft -= 1
            if blocksLeft == 0 { return finishData() }
            // The next block waits until the card has room for it.
            awaitReady { [self] in raise(1 << 4) }
        }
    }

    func finishData() {
        if isMultiple {
            if hasAutoStop, case .short(let bits) = card?.receive(12, 0, at: clock.now) { response[3] = bits }
        } else {
            card?.endSingleBlock()
        }
        awaitBusy()
    }

    // MARK: - Time

    /// How long the controller waits for a block, or for the card to let go of DAT0: 2^(13 + exponent) periods of its timeout clock (SDHCI
    /// 3.00, 2.2.15). The capabilities say how fast that runs: bits 5 to 0, in MHz if bit 7 is set and in kHz otherwise.
    var timeoutPeriod: Interval {
        let rate = UInt64(capabilities & 0x3F) * (capabilities >> 7 & 1 != 0 ? 1_000_000 : 1_000)
        let exponent = UInt64(clockControl >> 16 & 0xF)
        if exponent == 15 { violations.append("a data timeout of a reserved length") }
        return .nanoseconds((1_000_000_000 << (13 + exponent)) / max(rate, 1))
    }

    /// Raises transfer complete when the card lets go of DAT0; a data timeout when it does not.
    func awaitBusy() {
        isDataInhibited = true
        awaitReady { [self] in
            isDataInhibited = false
            raise(1 << 1 | (reportsTimeoutWithCompletion ? 1 << 20 : 0))
        }
    }

    /// Does `next` when the card lets go of DAT0; raises a data timeout when it does not.
    func awaitReady(_ next: @escaping () -> Void) {
        let generation = dataGeneration
        let deadline = clock.now + timeoutPeriod
        var reported = false
        func look() {
            if generation != dataGeneration { return }
            guard let card, card.isBusy(at: clock.now) else { return next() }
            if clock.now >= deadline, !reported {
                reported = true
                raise(1 << 20)
            }
            let end = reported ? card.busyUntil : min(card.busyUntil, deadline)
            if end != .never { clock.schedule(after: end - clock.now) { look() } }
        }
        clock.schedule(after: periods(8)) { look() }
    }
}
