import Interfaces

/// 1.8 V, the modes there, tuning.
extension SDHCIModel {
    func setHostControl2(_ value: UInt32) {
        if (value ^ hostControl2) & 7 << 16 != 0, hasCardClock {
            violations.append("UHS mode changed while the card's clock is on")
        }
        if value & 1 << 31 != 0 { violations.append("preset values are unusable") }
        let starts = value & ~hostControl2 & 1 << 22 != 0
        hostControl2 = refuses1V8 ? value & ~(1 << 19) : value
        if starts { tuningLeft = min(tuningBlocks, 41) }
    }

    /// A tuning block has come by.
    func tune() {
        raise(1 << 5)
        tuningLeft -= 1
        if tuningLeft == 0 { hostControl2 = hostControl2 & ~(1 << 22) | 1 << 23 }
    }

    /// Whether data is sampled at the right moment, for a card in its mode.
    var samplesRight: Bool {
        guard let card, card.isAt1V8 else { return hostControl2 & 1 << 19 == 0 }
        let mode = hostControl2 >> 16 & 7
        let isTuned =
            mode != 2 || cardClock <= 50_000_000 || speedCapabilities >> 13 & 1 == 0 || hostControl2 >> 23 & 1 != 0
        return hostControl2 & 1 << 19 != 0 && supplyIsAt1V8 && mode == card.function && isTuned
    }
}
