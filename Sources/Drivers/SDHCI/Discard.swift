import Interfaces

/// Erasing.
extension SDHCI {
    /// Blocks erased by one command at most: 4 MiB, so that one waits a bounded time.
    private static var blocksPerErase: UInt64 { 8192 }
    /// How long one command may take.
    private static var eraseLimit: Interval { .seconds(10) }

    /// Erases what of `blocks` the card can erase without touching others: see `BlockDevice`. Where it can erase nothing the content
    /// stays, which the contract allows.
    public func discard(_ blocks: Range<UInt64>) throws(BlockError) {
        try enter()
        defer { leave() }
        guard let card else { throw BlockError(.absent) }
        if blocks.upperBound > card.blockCount { throw BlockError(.outOfRange) }
        if geometry.isReadOnly { throw BlockError(.readOnly) }
        if !card.specificData.canErase { return }
        // An erase is widened to multiples of this; only whole ones inside the range may be named.
        let unit = try eraseUnit(of: card)
        var start = (blocks.lowerBound + unit - 1) / unit * unit
        let end = blocks.upperBound / unit * unit
        while start < end {
            let step = max(Self.blocksPerErase / unit, 1) * unit
            let part = start..<min(start + step, end)
            do throws(CardFailure) {
                try retrying { (card) throws(CardFailure) in try erase(part, on: card) }
            } catch {
                throw BlockError(error.cause, unknown: part)
            }
            start = part.upperBound
        }
    }

    /// What is erased as a whole, in blocks.
    private func eraseUnit(of card: SDCard) throws(BlockError) -> UInt64 {
        if !card.quirks.contains(.wholeUnitsOnly) { return card.eraseBlocks }
        var unit = Self.smallestSafeErase
        do throws(CardFailure) {
            try retrying { (card) throws(CardFailure) in unit = max(unit, try readAllocationUnit(of: card)) }
        } catch {
            throw BlockError(error.cause)
        }
        return unit
    }

    /// Blocks below which certain cards are damaged by an erase.
    private static var smallestSafeErase: UInt64 { 64 }

    /// AU_SIZE of the SD status, in blocks (SD Physical Layer Simplified Specification 6.00, 4.10.2): the largest there is when the card does not say.
    private func readAllocationUnit(of card: SDCard) throws(CardFailure) -> UInt64 {
        try send(.application(card.address))
        var bytes = [64 of UInt8](repeating: 0)
        var span = bytes.mutableSpan
        var buffer = unsafe span.mutableBytes  // any byte is a UInt8
        try receive(.sendCardStatus, into: &buffer)
        let mebibyte: UInt64 = 2048
        switch UInt64(bytes[10] >> 4) {
        case let code where (1...10).contains(code): return 32 << (code - 1)  // 16 KiB to 8 MiB
        case 11: return 12 * mebibyte
        case 12: return 16 * mebibyte
        case 13: return 24 * mebibyte
        case 14: return 32 * mebibyte
        default: return 64 * mebibyte
        }
    }

    private func erase(_ blocks: Range<UInt64>, on card: SDCard) throws(CardFailure) {
        let (first, last) = (card.argument(for: blocks.lowerBound), card.argument(for: blocks.upperBound - 1))
        try sendChecked(card.isEmbedded ? .eraseGroupStart(first) : .eraseStart(first))
        try sendChecked(card.isEmbedded ? .eraseGroupEnd(last) : .eraseEnd(last))
        do throws(CardFailure) {
            try sendChecked(.erase)
        } catch {
            // The card may be busy for longer than the controller's data timeout; its status tells when it is done.
            guard case .timeout = error else { throw error }
        }
        try awaitReady(card, for: Self.eraseLimit)
    }
}
