import Interfaces

/// Pipes: a channel each.
extension DWC2 {
    /// Opens a pipe: see `USBHostController`.
    public func openPipe(
        _ endpoint: USBEndpoint, of target: USBTarget, event: @escaping () -> Void
    ) throws(USBError) -> USBPipe {
        guard isStarted else { throw .absent }
        guard let channel = channels.dropFirst(Self.reservedChannels).first(where: { !$0.isOpen }) else { throw .full }
        channel.open(endpoint, of: target, isAsked: endpoint.isIn && configuration.askingPeriods != nil)
        channel.event = event
        return USBPipe(number: channel.number)
    }

    /// Closes a pipe: see `USBHostController`.
    public func closePipe(_ pipe: USBPipe) {
        let channel = channels[pipe.number]
        guard channel.isOpen else { return }
        halt(channel)
        channel.isOpen = false
        channel.event = nil
        channel.empty()
    }

    /// Queues a transfer: see `USBHostController`. Six register accesses when nothing else is under way.
    public func submit(_ pipe: USBPipe, at address: UInt64, count: Int, tag: UInt16) throws(USBError) {
        let channel = channels[pipe.number]
        precondition(!channel.isIn || count % channel.packetSize == 0, "DWC2: whole packets come in")
        guard channel.isOpen else { throw .disconnected }
        guard channel.room > 0 else { throw .full }
        guard address % 4 == 0, let place = window.busAddress(of: address, count: count) else { throw .memory }
        if !channel.isIn { lastActivity = time.now }
        let wasBusy = channel.isBusy
        channel.enqueue(Transfer(address: place, count: count, tag: tag))
        if !wasBusy, !channel.isStopped { run(channel) }
        pump(channel)
    }

    /// How many transfers fit: see `USBHostController`.
    public func transferRoom(of pipe: USBPipe) -> Int {
        let channel = channels[pipe.number]
        return channel.isOpen ? channel.room : 0
    }

    /// The next end of a transfer: see `USBHostController`.
    public func nextCompletion(of pipe: USBPipe) -> USBCompletion? {
        let channel = channels[pipe.number]
        guard channel.isOpen else { return nil }
        if !channel.hasEnded { pump(channel) }
        return channel.takeEnded()
    }

    /// Lets a pipe interrupt: see `USBHostController`.
    public func arm(_ pipe: USBPipe) -> Bool {
        let channel = channels[pipe.number]
        guard channel.isOpen else { return true }
        pump(channel)
        if channel.hasEnded { return false }
        // What ends from here on interrupts, and also what has ended since the look above: the line follows the level.
        if channel.isBusy, channel.askAgain == nil {
            bus.write(.halted, to: DWC2Register.interruptMask(channel.number))
        }
        return true
    }

    /// When to look by oneself: see `USBHostController`.
    public func nextLook(at pipe: USBPipe) -> Instant { channels[pipe.number].askAgain ?? .never }

    /// Lets a pipe go on: see `USBHostController`.
    public func clear(_ pipe: USBPipe) {
        let channel = channels[pipe.number]
        guard channel.isOpen, channel.isStopped else { return }
        channel.isStopped = false
        channel.packetID = .data0
        if channel.isBusy { run(channel) }
    }

    /// Goes on with the queue as far as that takes no waiting.
    private func pump(_ channel: Channel) {
        while channel.isBusy, advance(channel) {
            if channel.isAsked { lastActivity = time.now }
            if channel.isBusy { run(channel) }
        }
    }
}
