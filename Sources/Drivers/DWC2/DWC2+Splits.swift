import Interfaces
import Synchronization

/// Split transactions: from when a task has started one until its end the interrupt handler goes on with it, for its halves have their time to the
/// microframe, and tasks may come late by many.
extension DWC2 {
    /// Hands the next transaction of `channel` to the interrupt handler.
    func startSplit(_ channel: Channel, _ size: ChannelSize, at address: UInt32) {
        channel.run = (size, address)
        channel.splitEnd = nil
        channel.split.begin(isPeriodic: channel.isInterrupt, isUncertain: channel.split.isUncertain)
        bus.write(.halted, to: DWC2Register.interruptMask(channel.number))
        // What was written above is there for the handler, which works on the channel from here on.
        channel.isWithHandler.store(true, ordering: .sequentiallyConsistent)
        isSplitting.store(true, ordering: .sequentiallyConsistent)
        letInterrupt()
    }

    /// Lets the causes through that are waited for. For tasks.
    func letInterrupt() {
        var causes: CoreInterrupts = isPortQuiet.load(ordering: .relaxed) ? .channels : Self.causes
        // One too many is found out by the handler; one too few would be missed.
        if channels.contains(where: { $0.isWithHandler.load(ordering: .relaxed) }) { causes.insert(.frame) }
        bus.write(causes, to: DWC2Register.mask)
    }

    // MARK: - The interrupt handler's part

    /// A microframe has begun: what waited for it goes to the hardware.
    func takeFrame() {
        // Cleared before the look: what begins from here on interrupts again.
        bus.write(.frame, to: DWC2Register.status)
        let now = bus.read(DWC2Register.frameNumber) & 0x3FFF
        for channel in channels where channel.isWithHandler.load(ordering: .acquiring) { goOn(channel, in: now) }
    }

    /// A half has ended.
    func takeHalf(_ channel: Channel) {
        let number = channel.number
        let causes = bus.read(DWC2Register.interrupts(number))
        guard causes.contains(.halted) else { return }
        let size = bus.read(DWC2Register.size(number))
        bus.write(.all, to: DWC2Register.interrupts(number))
        let now = bus.read(DWC2Register.frameNumber) & 0x3FFF
        switch channel.split.end(causes, in: now) {
        case .toggles:
            channel.run.size.toggle()
            goOn(channel, in: now)
        case .goesOn: goOn(channel, in: now)
        case .isOver:
            bus.write([], to: DWC2Register.interruptMask(number))
            channel.splitEnd = (causes, size)
            channel.isWithHandler.store(false, ordering: .releasing)
            channel.event?()
        }
    }

    private func goOn(_ channel: Channel, in now: UInt32) {
        let step = channel.split.step(in: now)
        guard step != .wait, let translator = channel.translator else { return }
        let number = channel.number
        bus.write(
            ChannelSplit(translator, isComplete: step == .complete), to: DWC2Register.split(number))
        channel.isSplitSet = true
        bus.write(channel.run.size, to: DWC2Register.size(number))
        bus.write(channel.run.address, to: DWC2Register.memory(number))
        var route = channel.route
        // The parity of the microframe after this one; the core sends then.
        if channel.isInterrupt, now & 1 == 0 { route.insert(.oddFrame) }
        bus.write(route.union(.enable), to: DWC2Register.characteristics(number))
    }

    /// Lets microframes interrupt for as long as somebody waits for one.
    func followFrames() {
        var (isAny, isAwaited) = (false, false)
        for channel in channels where channel.isWithHandler.load(ordering: .acquiring) {
            isAny = true
            if channel.split.isWaiting { isAwaited = true }
        }
        if !isAny { isSplitting.store(false, ordering: .relaxed) }
        var mask: CoreInterrupts = isPortQuiet.load(ordering: .relaxed) ? .channels : Self.causes
        if isAwaited { mask.insert(.frame) }
        bus.write(mask, to: DWC2Register.mask)
    }
}
