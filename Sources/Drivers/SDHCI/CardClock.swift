/// The rate of the clock that the card's is divided from, out of what several sources say. The firmware answers 0 for it on some boards; it was 100 MHz
/// on most, and 200 MHz on some.
public struct CardClock: Equatable, Sendable {
    /// In Hz.
    public let rate: UInt32
    /// Whether sources disagree by more than a measurement may be off.
    public let isDoubtful: Bool

    /// What the firmware set, what it measured, and what the controller's capabilities say, in Hz; 0 from a source that says nothing.
    ///
    /// Of the firmware's two, where they disagree, the faster is taken: too slow a card works, one that is too fast loses data. What was measured is taken
    /// for whole MHz: a few hertz more would halve the card's clock. The capabilities are a constant of the chip,
    /// which does not know what the firmware has set.
    public init(set: UInt32, measured: UInt32, stated: UInt32) {
        let measured = (measured + 500_000) / 1_000_000 * 1_000_000
        let firmware = max(set, measured)
        rate = firmware != 0 ? firmware : stated != 0 ? stated : 100_000_000
        var isDoubtful = false
        let sources: [3 of UInt32] = [set, measured, stated]
        for index in 0..<3 where sources[index] != 0 {
            let difference = max(sources[index], rate) - min(sources[index], rate)
            if difference > rate / 20 { isDoubtful = true }
        }
        self.isDoubtful = isDoubtful
    }
}
