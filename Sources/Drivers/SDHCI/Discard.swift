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
        enter()
        defer { leave() }
        guard let card else { throw BlockError(.absent) }
        if blocks.upperBound > card.blockCount { throw BlockError(.outOfRange) }
        if geometry.isReadOnly { throw BlockError(.readOnly) }
        if !card.specificData.canErase { return }
        // An erase is widened to multiples of this; only whole ones inside the range may be named.
        let unit = card.specificData.eraseBlocks
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

    private func erase(_ blocks: Range<UInt64>, on card: SDCard) throws(CardFailure) {
        try sendChecked(.eraseStart(card.argument(for: blocks.lowerBound)))
        try sendChecked(.eraseEnd(card.argument(for: blocks.upperBound - 1)))
        do throws(CardFailure) {
            try sendChecked(.erase)
        } catch {
            // The card may be busy for longer than the controller's data timeout; its status tells when it is done.
            guard case .timeout = error else { throw error }
        }
        try awaitReady(card, for: Self.eraseLimit)
    }
}
