import Interfaces
import Synchronization

/// What a channel does next, when its run has ended.
enum RunEnd {
    /// Another run at once.
    case again
    /// Another run, but the device is to get its time: whoever waits looks again.
    case later
    /// The endpoint has nothing to give: another run in a while.
    case idle
    /// The transfer is over, well or not.
    case ended(USBError?)
}

/// Running transfers on channels: one function starts a run of the hardware, one looks whether it has ended and what that means.
extension DWC2 {
    /// How long an endpoint is left alone that refuses again and again.
    private static var patience: Interval { .microseconds(250) }
    /// The same for bulk endpoints behind a hub that translates: a frame, and longer the longer nothing has moved.
    private static var translatedPeriods: ClosedRange<Interval> { .milliseconds(1) ... .milliseconds(10) }

    /// Starts the next run of the transfer under way.
    func run(_ channel: Channel) {
        let isIn = channel.isIn
        let size = channel.packetSize
        let isSplit = channel.translator != nil
        let (bytes, packets, address) = channel.withActive { transfer in
            let rest = transfer.count - transfer.done
            let all = max(1, (rest + size - 1) / size)
            let packets = isSplit || transfer.count <= configuration.packetwiseLimit ? 1 : min(all, 1023)
            transfer.runPackets = packets
            // What comes in may fill whole packets; the submitter's memory holds them.
            transfer.runBytes = isIn ? packets * size : min(rest, packets * size)
            return (transfer.runBytes, packets, transfer.address + UInt32(transfer.done))
        }
        let amount = ChannelSize(bytes: bytes, packets: packets, channel.packetID)
        channel.lastSize = amount.rawValue
        channel.lastSign = time.now
        if isSplit { return startSplit(channel, amount, at: address) }
        if channel.isSplitSet {
            bus.write(.none, to: DWC2Register.split(channel.number))
            channel.isSplitSet = false
        }
        bus.write(amount, to: DWC2Register.size(channel.number))
        bus.write(address, to: DWC2Register.memory(channel.number))
        var route = channel.route
        // The next (micro)frame.
        if channel.isInterrupt, bus.read(DWC2Register.frameNumber) & 1 == 0 { route.insert(.oddFrame) }
        bus.write(route.union(.enable), to: DWC2Register.characteristics(channel.number))
    }

    /// Looks at the transfer under way, and goes on with it as far as that takes no waiting.
    /// - Returns: whether it has ended.
    func advance(_ channel: Channel) -> Bool {
        if channel.isHalting { return false }
        if let next = channel.askAgain {
            if time.now < next { return false }
            channel.askAgain = nil
            run(channel)
        }
        while let (causes, size) = takeEndOfRun(channel) {
            switch judge(causes, size, channel) {
            case .again: run(channel)
            case .later:
                channel.refusals += 1
                if channel.refusals < Channel.mostRefusals {
                    run(channel)
                } else {
                    channel.askAgain = time.now + Self.patience
                }
                return false
            case .idle:
                channel.askAgain = nextAsking(channel)
                return false
            case .ended(let error):
                channel.finishActive(error)
                return true
            }
        }
        return false
    }

    /// How the run ended; nil while it goes on.
    private func takeEndOfRun(_ channel: Channel) -> (ChannelInterrupts, ChannelSize)? {
        if channel.translator != nil {
            guard !channel.isWithHandler.load(ordering: .acquiring), let end = channel.splitEnd else { return nil }
            channel.splitEnd = nil
            return end
        }
        let causes = bus.read(DWC2Register.interrupts(channel.number))
        guard causes.contains(.halted) else { return nil }
        let size = bus.read(DWC2Register.size(channel.number))
        bus.write(.all, to: DWC2Register.interrupts(channel.number))
        return (causes, size)
    }

    /// When to ask an endpoint again that has nothing to give: the longer nothing has moved, the later.
    private func nextAsking(_ channel: Channel) -> Instant {
        let periods = configuration.askingPeriods ?? Self.translatedPeriods
        let now = time.now
        let quiet = Interval(nanoseconds: (now - lastActivity).nanoseconds / 4)
        return now + min(max(quiet, periods.lowerBound), periods.upperBound)
    }

    /// What the end of a run means.
    private func judge(_ causes: ChannelInterrupts, _ size: ChannelSize, _ channel: Channel) -> RunEnd {
        let isComplete = causes.contains(.complete)
        let end = channel.withActive { transfer -> RunEnd in
            // What passed before an error has passed.
            let moved = transfer.take(size, isComplete: isComplete, isIn: channel.isIn, packetSize: channel.packetSize)
            if causes.contains(.busError) { return .ended(.memory) }
            if causes.contains(.stall) { return .ended(.stalled) }
            if causes.contains(.babble) { return .ended(.babble) }
            if isComplete {
                let isShort = channel.isIn && moved < transfer.runBytes
                return isShort || transfer.done >= transfer.count ? .ended(nil) : .again
            }
            // The causes add up over a run: one that began with refusals may have ended for want of an answer.
            if causes.isDisjoint(with: [.transactionError, .toggleError]) {
                if causes.contains(.nak) { return channel.isAsked ? .idle : channel.isInterrupt ? .ended(nil) : .later }
                if causes.contains(.frameOverrun) { return .later }
            }
            // Damaged, unanswered, out of turn, or stopped by nobody knows what.
            transfer.failures += 1
            return transfer.failures < Channel.mostFailures ? .again : .ended(.noAnswer)
        }
        if isComplete { channel.refusals = 0 }
        channel.packetID = size.packetID
        return end
    }

    /// Stops `channel`, so that it uses no memory any more. Waits; nobody starts anything on the channel meanwhile.
    func halt(_ channel: Channel) {
        let number = channel.number
        channel.isHalting = true
        defer { channel.isHalting = false }
        bus.write([], to: DWC2Register.interruptMask(number))
        // The handler finds nothing to do from here on: it looks at what the mask lets through.
        if channel.isWithHandler.exchange(false, ordering: .sequentiallyConsistent),
            let translator = channel.translator,
            !channel.isInterrupt
        {
            abandon(USBTranslatorBuffer(hub: translator.hub, device: channel.device, endpoint: channel.endpoint))
        }
        let route = bus.read(DWC2Register.characteristics(number))
        if route.contains(.enable) {
            bus.write(route.union([.enable, .disable]), to: DWC2Register.characteristics(number))
            _ = time.poll(for: .milliseconds(10), every: .microseconds(20)) {
                !bus.read(DWC2Register.characteristics(number)).contains(.enable)
            }
        }
    }

    /// Leaves a stopped channel as if nothing had been on it.
    func wipe(_ channel: Channel) {
        let number = channel.number
        // QEMU's core goes on asking an endpoint that had nothing to say, stopped or not: it gets no room, and not in the submitter's memory.
        bus.write(ChannelSize(rawValue: 0), to: DWC2Register.size(number))
        bus.write(memoryAddress + UInt32(DWC2Layout.scratch.lowerBound), to: DWC2Register.memory(number))
        bus.write(.none, to: DWC2Register.split(number))
        channel.isSplitSet = false
        bus.write(.all, to: DWC2Register.interrupts(number))
        channel.empty()
    }
}
