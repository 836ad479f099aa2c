import Interfaces

/// The interrupt handler's part.
extension DWC2 {
    /// Silences what interrupts and calls its event. Touches no state of the queues: tasks look at them, and arm again. A read that tells the
    /// causes, another for the channels, a write for each.
    public func handleInterrupt() {
        let causes = bus.read(DWC2Register.status)
        if !causes.isDisjoint(with: [.port, .disconnected]) {
            // The causes stay until a task has looked at the port, which lets them through again.
            bus.write(.channels, to: DWC2Register.mask)
            portEvent?()
        }
        guard causes.contains(.channels) else { return }
        var pending = bus.read(DWC2Register.channelInterrupts)
        while pending != 0 {
            let number = pending.trailingZeroBitCount
            pending &= pending - 1
            // The mask of the channel: QEMU's core does not look at HAINTMSK again.
            bus.write([], to: DWC2Register.interruptMask(number))
            if number < channels.count { channels[number].event?() }
        }
    }
}
