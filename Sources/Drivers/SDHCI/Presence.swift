import Interfaces

/// What is in the slot, compared with what was found there.
public enum CardPresence: Sendable {
    /// The card that `start` found.
    case unchanged
    /// None.
    case absent
    /// A card that `start` has not seen: another one, or the one that was taken out, which may have been written to elsewhere.
    case inserted
}

extension SDHCI {
    /// Looks into the slot: the board has no switch that would tell. A few microseconds while the card is there, up to half a second when
    /// it is not. After `.absent` or `.inserted` the device has no card until `start` is called.
    public func presence() -> CardPresence {
        do throws(BlockError) { try enter() } catch { return .absent }
        defer { leave() }
        if let known = card {
            // Twice, for a command may get lost.
            for _ in 0..<2 where (try? send(.sendStatus(known.address))) != nil { return .unchanged }
            if (try? recover(known)) != nil { return .unchanged }
        }
        card = nil
        let isThere = (try? identify()) != nil
        card = nil
        stopClock()
        return isThere ? .inserted : .absent
    }
}
