import Interfaces

/// 1.8 V, the modes there, tuning.
extension SDHCIModel {
    func setHostControl2(_ value: UInt32) {
        if (value ^ hostControl2) & 7 << 16 != 0, hasCardClock {
            violations.append("UHS mode changed while the card's clock is on")
        }
        let starts = value & ~hostControl2 & 1 << 22 != 0
        hostControl2 = refuses1V8 ? value & ~(1 << 19) : value
        if starts { tuningLeft = min(tuningBlocks, 41) }
    }

    /// A tuning block has come by.
    func tune() {
        // The controller keeps the data lines to itself until it is through.
        isDataInhibited = true
        raise(1 << 5)
        tuningLeft -= 1
        if tuningLeft > 0 { return }
        hostControl2 = hostControl2 & ~(1 << 22) | 1 << 23
        isDataInhibited = false
    }

    /// Whether the card's clock is faster than it may be for the card's state: then the card does not understand its commands.
    var isTooFast: Bool {
        guard let card else { return false }
        let isIdentifying = card.state.rawValue < 3
        if isIdentifying, cardClock > 400_000 { violations.append("identification at \(cardClock) Hz") }
        let limit: UInt32 =
            isIdentifying ? 400_000 : card.isAt1V8 ? 100_000_000 : card.kind == .embedded ? 52_000_000 : 50_000_000
        if cardClock > limit, !isIdentifying { violations.append("a clock of \(cardClock) Hz") }
        return cardClock > limit
    }

    /// Follows supply, clock and bus power. A card resets only when it has had none of them for 5 ms: what comes in by its lines keeps it alive
    /// (SD Physical Layer Simplified Specification 6.00, 6.4.1).
    func notePower() {
        if !supplyIsOn, !hasCardClock, !hasBusPower {
            unpoweredSince = unpoweredSince ?? clock.now
            return
        }
        guard let since = unpoweredSince else { return }
        unpoweredSince = nil
        if clock.now - since >= .milliseconds(5) { card?.cyclePower(at: clock.now) }
    }

    /// Whether data is sampled at the right moment, for a card in its mode.
    var samplesRight: Bool {
        guard let card, card.isAt1V8 else { return hostControl2 & 1 << 19 == 0 }
        let mode = hostControl2 >> 16 & 7
        let needsTuning =
            mode == 2 && cardClock > 50_000_000 && speedCapabilities >> 13 & 1 != 0
            || mode == 4 && cardClock > 25_000_000 && needsTuningAtDDR50
        let isTuned = !needsTuning || hostControl2 >> 23 & 1 != 0
        return hostControl2 & 1 << 19 != 0 && supplyIsAt1V8 && mode == card.function && isTuned
    }
}
