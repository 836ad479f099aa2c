import Interfaces

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
        if let translator = channel.translator {
            bus.write(
                ChannelSplit(translator, isComplete: channel.isCompletingSplit),
                to: DWC2Register.split(channel.number))
            channel.isSplitSet = true
        } else if channel.isSplitSet {
            bus.write(.none, to: DWC2Register.split(channel.number))
            channel.isSplitSet = false
        }
        bus.write(
            ChannelSize(bytes: bytes, packets: packets, channel.packetID), to: DWC2Register.size(channel.number))
        bus.write(address, to: DWC2Register.memory(channel.number))
        var route = channel.route
        // The next (micro)frame.
        if channel.isInterrupt, bus.read(DWC2Register.frameNumber) & 1 == 0 { route.insert(.oddFrame) }
        bus.write(route.union(.enable), to: DWC2Register.characteristics(channel.number))
    }

    /// Looks at the transfer under way, and goes on with it as far as that takes no waiting.
    /// - Returns: whether it has ended.
    func advance(_ channel: Channel) -> Bool {
        if let next = channel.askAgain {
            if time.now < next { return false }
            channel.askAgain = nil
            run(channel)
        }
        while true {
            let causes = bus.read(DWC2Register.interrupts(channel.number))
            guard causes.contains(.halted) else { return false }
            let size = bus.read(DWC2Register.size(channel.number))
            bus.write(.all, to: DWC2Register.interrupts(channel.number))
            switch judge(causes, size, channel) {
            case .again: run(channel)
            case .later:
                run(channel)
                return false
            case .idle:
                channel.askAgain = nextAsking
                return false
            case .ended(let error):
                channel.finishActive(error)
                return true
            }
        }
    }

    /// When to ask an endpoint again that has nothing to give: the longer nothing has moved, the later.
    private var nextAsking: Instant {
        guard let periods = configuration.askingPeriods else { return .never }
        let now = time.now
        let quiet = Interval(nanoseconds: (now - lastActivity).nanoseconds / 4)
        return now + min(max(quiet, periods.lowerBound), periods.upperBound)
    }

    /// What the end of a run means.
    private func judge(_ causes: ChannelInterrupts, _ size: ChannelSize, _ channel: Channel) -> RunEnd {
        if causes.contains(.busError) { return .ended(.memory) }
        if causes.contains(.stall) { return .ended(.stalled) }
        if causes.contains(.babble) { return .ended(.babble) }
        if channel.translator != nil, let end = judgeSplit(causes, channel) { return end }
        let isComplete = causes.contains(.complete)
        let end = channel.withActive { transfer -> RunEnd in
            // All of what a run that went well was to send; otherwise what the hardware is sure of.
            let moved =
                isComplete && !channel.isIn
                ? transfer.runBytes : transfer.moved(size, isIn: channel.isIn, packetSize: channel.packetSize)
            transfer.done = min(transfer.done + moved, transfer.count)
            if isComplete {
                transfer.failures = 0
                let isShort = channel.isIn && moved < transfer.runBytes
                return isShort || transfer.done >= transfer.count ? .ended(nil) : .again
            }
            if causes.contains(.nak) { return channel.isAsked ? .idle : channel.isInterrupt ? .ended(nil) : .later }
            // Damaged, unanswered, out of turn, or stopped by nobody knows what.
            transfer.failures += 1
            return transfer.failures < Channel.mostFailures ? .again : .ended(.noAnswer)
        }
        channel.packetID = size.packetID
        return end
    }

    /// What the end of a half of a split transaction means; nil when a packet has passed, or failed, as without a split.
    private func judgeSplit(_ causes: ChannelInterrupts, _ channel: Channel) -> RunEnd? {
        if !channel.isCompletingSplit {
            if causes.contains(.nak) { return .later }
            guard causes.contains(.ack) else { return nil }
            channel.isCompletingSplit = true
            // The hub needs its time on the slower bus: whoever waits comes back.
            return .later
        }
        if causes.contains(.nyet) {
            channel.splitTries += 1
            // An interrupt transaction that was not over three microframes later never will be. USB 2.0, 11.18.
            if channel.isInterrupt, channel.splitTries > 3 { return .ended(nil) }
            return .later
        }
        channel.isCompletingSplit = false
        channel.splitTries = 0
        return nil
    }

    /// Stops `channel`, so that it uses no memory any more.
    func halt(_ channel: Channel) {
        let number = channel.number
        bus.write([], to: DWC2Register.interruptMask(number))
        let route = bus.read(DWC2Register.characteristics(number))
        if route.contains(.enable) {
            bus.write(route.union([.enable, .disable]), to: DWC2Register.characteristics(number))
            _ = time.poll(for: .milliseconds(10), every: .microseconds(20)) {
                !bus.read(DWC2Register.characteristics(number)).contains(.enable)
            }
        }
        // QEMU's core goes on asking an endpoint that had nothing to say, stopped or not: it gets no room, and not in the submitter's memory.
        bus.write(ChannelSize(rawValue: 0), to: DWC2Register.size(number))
        bus.write(memoryAddress + UInt32(DWC2Layout.scratch.lowerBound), to: DWC2Register.memory(number))
        bus.write(.none, to: DWC2Register.split(number))
        channel.isSplitSet = false
        bus.write(.all, to: DWC2Register.interrupts(number))
    }
}
