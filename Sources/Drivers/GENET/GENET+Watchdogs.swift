import Interfaces

/// Hardware that got stuck, told from hardware that has a reason to stand still.
extension GENET {
    /// How long the transmitter may stand still with frames to send, and no pause that explains it (erratum E10).
    static var transmitLimit: Interval { .seconds(2) }
    /// How long a partner may pause us. Full buffers empty within milliseconds; who pauses for seconds is broken, or floods.
    static var pauseLimit: Interval { .seconds(10) }
    /// How long the receiver may stand still while frames are lost: a look at two moments that follow each other closely proves nothing.
    static var receiveLimit: Interval { .seconds(1) }

    /// Looks at both directions.
    func watch() {
        returnDescriptors()
        let lost = collectCounters()
        watchTransmitter()
        watchReceiver(lost: lost)
    }

    // MARK: - Transmitter

    /// Erratum E10: after weeks the transmitter may stand still. Seen at two looks at least, so that a late look finds nothing that is not
    /// there. Nor is a transmitter stuck that obeys its partner: a restart would not help, and would cost what is queued.
    private func watchTransmitter() {
        reclaim()
        guard !isFaulty, case .up(let mode) = link, consumed != produced else {
            transmitWatch = nil
            return
        }
        let pauses = hardwareCounters[.receivedPause]
        guard var watch = transmitWatch, watch.consumed == consumed else {
            transmitWatch = TransmitWatch(consumed: consumed, since: time.now, start: time.now, pauses: pauses)
            return
        }
        let mayBePaused = mode.obeysPause && !ignoresPause
        if mayBePaused && pauses != watch.pauses {
            watch.pauses = pauses
            watch.since = time.now
            if time.now - watch.start >= Self.pauseLimit { ignorePause() }
        } else {
            let limit = watch.since + Self.transmitLimit
            isFaulty = time.now >= (mayBePaused ? limit + Self.longestPause(mode.speed) : limit)
        }
        transmitWatch = watch
    }

    /// How long one pause frame stops us at most: 65535 times 512 bits (IEEE 802.3 annex 31B), 3.4 s at 10 Mb/s.
    private static func longestPause(_ speed: LinkMode.Speed) -> Interval {
        .microseconds(65535 * 512 / UInt64(speed.rawValue))
    }

    /// Goes on in spite of the partner's pause frames, until the next link.
    private func ignorePause() {
        ignoresPause = true
        command.insert(.ignorePause)
        bus.write(command, to: GENETRegister.command)
        onEvent?(.partnerPauses)
    }

    // MARK: - Receiver

    /// Erratum E5, should it strike all the same: frames get lost in the FIFO while there are free descriptors and nothing comes through. On a
    /// quiet network they come one by one, seconds apart: lost frames are counted, not looks.
    private func watchReceiver(lost: UInt64) {
        let index = bus.read(DMAEngine.receive.hardwareIndex).counter
        guard var watch = receiveWatch, watch.index == index else {
            receiveWatch = ReceiveWatch(index: index, since: time.now)
            return
        }
        // With the ring full the receiver has a reason to stand still.
        if index == received { watch.lost &+= lost }
        receiveWatch = watch
        if watch.lost >= 2 && time.now - watch.since >= Self.receiveLimit { isFaulty = true }
    }
}
