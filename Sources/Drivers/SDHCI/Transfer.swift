import Interfaces

/// Moving blocks.
extension SDHCI {
    /// Which way blocks go.
    enum Direction {
        case fromCard
        case toCard
    }

    // MARK: - BlockDevice

    /// Reads blocks: see `BlockDevice`.
    public func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(BlockError) in
            let piece: [1 of BlockPiece] = [unsafe BlockPiece(bytes)]
            try move(.fromCard, first, piece.span)
        }
    }

    /// Reads blocks into several places: see `BlockDevice`. One command for all of them, where there is room for 16.
    public func read(_ first: UInt64, scatter pieces: Span<BlockPiece>) throws(BlockError) {
        try move(.fromCard, first, pieces)
    }

    /// Writes blocks: see `BlockDevice`. On an error the blocks before the `unknown` ones have been written, those after are
    /// as they were.
    public func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        try unsafe buffer.withUnsafeBytes { (bytes) throws(BlockError) in
            let piece: [1 of BlockPiece] = [unsafe BlockPiece(reading: bytes)]
            try move(.toCard, first, piece.span)
        }
    }

    /// Writes blocks from several places: see `BlockDevice`.
    public func write(_ first: UInt64, gather pieces: Span<BlockPiece>) throws(BlockError) {
        try move(.toCard, first, pieces)
    }

    /// Waits until the card has written what it took: see `BlockDevice`. The card's optional cache is never turned on.
    public func flush() throws(BlockError) {
        try enter()
        defer { leave() }
        do throws(CardFailure) {
            try retrying { (card) throws(CardFailure) in try awaitReady(card, for: Self.longestBusy) }
        } catch {
            throw BlockError(error.cause)
        }
    }

    // MARK: - Requests

    /// Moves `pieces` in as few commands as there can be.
    private func move(_ direction: Direction, _ first: UInt64, _ pieces: Span<BlockPiece>) throws(BlockError) {
        try enter()
        defer { leave() }
        let count = try check(first, pieces)
        if direction == .toCard, geometry.isReadOnly { throw BlockError(.readOnly) }
        var position = PlanPosition()
        var done = 0
        while done < count {
            if canMoveData {
                planDMA(pieces, from: &position, isRead: direction == .fromCard)
            } else {
                planPort(pieces, from: &position)
            }
            let start = first + UInt64(done)
            var touched = 0
            do throws(CardFailure) {
                switch direction {
                case .fromCard: try retrying { (card) throws(CardFailure) in try read(start, from: card) }
                case .toCard:
                    try retrying { (card) throws(CardFailure) in try write(start, to: card, touched: &touched) }
                }
            } catch {
                throw BlockError(error.cause, unknown: touched == 0 ? 0..<0 : start..<start + UInt64(touched))
            }
            done += plan.blocks
            switch direction {
            case .fromCard: statistics.blocksRead &+= UInt64(plan.blocks)
            case .toCard: statistics.blocksWritten &+= UInt64(plan.blocks)
            }
        }
    }

    /// Checks a request against the card. Returns its length in blocks.
    private func check(_ first: UInt64, _ pieces: Span<BlockPiece>) throws(BlockError) -> Int {
        guard let card else { throw BlockError(.absent) }
        var count = 0
        for index in pieces.indices {
            let bytes = pieces[index].count
            if bytes % Self.blockSize != 0 { throw BlockError(.outOfRange) }
            count += bytes / Self.blockSize
        }
        guard first <= card.blockCount, UInt64(count) <= card.blockCount - first else { throw BlockError(.outOfRange) }
        return count
    }

    /// One attempt to read the plan's blocks.
    private func read(_ start: UInt64, from card: SDCard) throws(CardFailure) {
        let command = SDCommand.read(plan.blocks, at: card.argument(for: start))
        if !canMoveData || plan.descriptors == 0 { return try receivePlan(command) }
        try moveByDMA(command)
    }

    /// One attempt to write the plan's blocks. `touched` grows to the number of blocks of which the card may have got any part.
    private func write(_ start: UInt64, to card: SDCard, touched: inout Int) throws(CardFailure) {
        let isCounted = plan.blocks > 1 && takesBlockCount && card.hasSetBlockCount
        if isCounted { try announce(plan.blocks) }
        let command = SDCommand.write(
            plan.blocks, at: card.argument(for: start), isCounted: isCounted && takesBlockCount)
        if canMoveData, plan.descriptors > 0 {
            do throws(CardFailure) {
                try moveByDMA(command)
            } catch {
                // Data follows the card's assent only; how much followed, the controller does not tell reliably.
                if !error.isRefusal { touched = plan.blocks }
                throw error
            }
            touched = plan.blocks
        } else {
            try transmitPlan(command, touched: &touched)
        }
        // Errors of programming show in the status only now, and the card must be out of it before the next command.
        try awaitReady(card, for: Self.longestBusy)
    }

    /// CMD23. A card that says it knows it and does not is not asked again: the controller's CMD12 then ends the transfer.
    private func announce(_ blocks: Int) throws(CardFailure) {
        do throws(CardFailure) {
            try sendChecked(.setBlockCount(blocks))
        } catch {
            guard case .silence = error else { throw error }
            takesBlockCount = false
        }
    }
}
