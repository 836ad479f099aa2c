import Interfaces
import Synchronization

/// The interrupt handler's part.
extension DWC2 {
    /// Silences what interrupts and calls its event. Touches no state of the queues: tasks look at them, and arm again. Goes on with split
    /// transactions. Without those: a read that tells the causes, another for the channels, a write for each.
    public func handleInterrupt() {
        let causes = bus.read(DWC2Register.status)
        if !causes.isDisjoint(with: [.port, .disconnected]), !isPortQuiet.load(ordering: .relaxed) {
            // The causes stay until a task has looked at the port, which lets them through again.
            isPortQuiet.store(true, ordering: .relaxed)
            bus.write(.channels, to: DWC2Register.mask)
            portEvent?()
        }
        if causes.contains(.channels) { takeChannels() }
        guard isSplitting.load(ordering: .acquiring) else { return }
        if causes.contains(.frame) { takeFrame() }
        followFrames()
    }

    private func takeChannels() {
        var pending = bus.read(DWC2Register.channelInterrupts)
        while pending != 0 {
            let number = pending.trailingZeroBitCount
            pending &= pending - 1
            guard number < channels.count else { continue }
            let channel = channels[number]
            if channel.isWithHandler.load(ordering: .acquiring) {
                takeHalf(channel)
                continue
            }
            // The mask of the channel: QEMU's core does not look at HAINTMSK again.
            bus.write([], to: DWC2Register.interruptMask(number))
            channel.event?()
        }
    }
}
