import Interfaces

/// Flow control (IEEE 802.3 annex 31B): what the MAC does by itself, whether or not a processor is there.
extension GENETModel {
    /// How long 512 bits take.
    private var quantum: UInt64 { 512_000 / UInt64(max(phy.speed, 1)) }

    /// How long a frame of `count` bytes without its checksum is on the cable, with preamble and gap.
    func wireTime(of count: Int) -> Interval {
        .nanoseconds(UInt64(max(count, 60) + 24) * 8000 / UInt64(max(phy.speed, 10)))
    }

    // MARK: - Obeying

    /// The partner sends a pause frame of `quanta` times 512 bits.
    public func receivePause(quanta: UInt16) {
        guard isConnected, self[0x808] & 1 << 13 == 0, self[0x808] & 2 != 0 else { return }
        self[0xC3C] &+= 1
        self[0xC40] &+= 1
        if !phy.isFullDuplex || self[0x808] & 1 << 8 != 0 { return }
        pausedUntil = clock.now + .nanoseconds(UInt64(quanta) * quantum)
    }

    /// The partner pauses us for `seconds`, and again before each pause ends.
    public func receivePauses(seconds: UInt64) {
        let end = clock.now + .seconds(seconds)
        func pause() {
            receivePause(quanta: 0xFFFF)
            if clock.now < end { clock.schedule(after: .nanoseconds(30_000 * quantum)) { pause() } }
        }
        pause()
    }

    var isTransmitterPaused: Bool { self[0x808] & 1 << 8 == 0 && clock.now < pausedUntil }

    /// Whether the transmitter has to wait; it looks again when the pause is over.
    func waitsForPause() -> Bool {
        if !isTransmitterPaused { return false }
        let mine = generation
        clock.schedule(after: pausedUntil - clock.now) { [self] in if mine == generation { transmitNext() } }
        return true
    }

    // MARK: - Pausing

    /// Sends a pause frame while fewer descriptors are free than the threshold says, and again and again; and one that ends it.
    func pausePartner() {
        let isOn = isConnected && phy.isFullDuplex && self[0x808] & (1 << 28 | 1 << 13) == 0 && self[0x808] & 2 != 0
        let used = Int((self[0x3008] &- self[0x300C]) & 0xFFFF)
        let free = Int(self[0x3010] >> 16) - used
        let (xoff, xon) = (Int(self[0x3028] >> 16), Int(self[0x3028] & 0xFFFF))
        // Thresholds of zero mean always.
        let isShort = free < xoff || xoff == 0 && xon == 0
        if isPausingPartner {
            if isOn && free > xon && !isShort {
                isPausingPartner = false
                releasesSent += 1
            }
            return
        }
        guard isOn, isShort else { return }
        isPausingPartner = true
        pauseAgain()
    }

    private func pauseAgain() {
        let isOn = isConnected && self[0x808] & (1 << 28 | 1 << 13) == 0 && self[0x808] & 2 != 0
        if !isOn { isPausingPartner = false }
        guard isPausingPartner else { return }
        pausesSent += 1
        self[0xCB4] &+= 1
        clock.schedule(after: .nanoseconds(max(UInt64(self[0x818] & 0xFFFF) / 2, 1) * quantum)) { [self] in pauseAgain()
        }
    }
}
