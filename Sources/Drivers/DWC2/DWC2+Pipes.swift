import Interfaces
import Synchronization

/// Pipes: a channel each.
extension DWC2 {
    /// How long a transfer may show no sign of life.
    private static var signLimit: Interval { .seconds(2) }

    /// The channel of a pipe; nil once it is closed, and another may have its channel.
    private func channel(of pipe: USBPipe) -> Channel? {
        guard channels.indices.contains(pipe.number) else { return nil }
        let channel = channels[pipe.number]
        return channel.isOpen && channel.serial == pipe.serial ? channel : nil
    }

    /// Opens a pipe: see `USBHostController`.
    public func openPipe(
        _ endpoint: USBEndpoint, of target: USBTarget, event: @escaping () -> Void
    ) throws(USBError) -> USBPipe {
        guard isStarted else { throw .absent }
        let free = channels.dropFirst(Self.reservedChannels).first { !$0.isOpen && !$0.isHalting }
        guard let channel = free else { throw .full }
        channel.open(
            endpoint, of: target, isShownAsInterrupt: endpoint.isIn && configuration.askingPeriods != nil)
        channel.event = event
        return USBPipe(number: channel.number, serial: channel.serial)
    }

    /// Closes a pipe: see `USBHostController`.
    public func closePipe(_ pipe: USBPipe) {
        guard let channel = channel(of: pipe) else { return }
        // Whoever runs while the hardware stops finds it closed.
        channel.isOpen = false
        halt(channel)
        channel.event = nil
        wipe(channel)
    }

    /// Takes transfers back: see `USBHostController`.
    public func cancel(_ pipe: USBPipe) {
        guard let channel = channel(of: pipe) else { return }
        channel.isStopped = true
        halt(channel)
        wipe(channel)
    }

    /// Queues a transfer: see `USBHostController`. Six register accesses when nothing else is under way.
    public func submit(_ pipe: USBPipe, at address: UInt64, count: Int, tag: UInt16) throws(USBError) {
        guard let channel = channel(of: pipe) else { throw .disconnected }
        precondition(!channel.isIn || count % channel.packetSize == 0, "DWC2: whole packets come in")
        guard channel.room > 0, !channel.isHalting else { throw .full }
        guard address % 4 == 0, let place = window.busAddress(of: address, count: count) else { throw .memory }
        if !channel.isIn { lastActivity = time.now }
        let wasBusy = channel.isBusy
        channel.enqueue(Transfer(address: place, count: count, tag: tag))
        if !wasBusy, channel.isBusy { run(channel) }
        pump(channel)
    }

    /// How many transfers fit: see `USBHostController`.
    public func transferRoom(of pipe: USBPipe) -> Int {
        guard let channel = channel(of: pipe), !channel.isHalting else { return 0 }
        return channel.room
    }

    /// The next end of a transfer: see `USBHostController`.
    public func nextCompletion(of pipe: USBPipe) -> USBCompletion? {
        guard let channel = channel(of: pipe) else { return nil }
        if !channel.hasEnded { pump(channel) }
        return channel.takeEnded()
    }

    /// Lets a pipe interrupt: see `USBHostController`.
    public func arm(_ pipe: USBPipe) -> Bool {
        guard let channel = channel(of: pipe) else { return true }
        pump(channel)
        if channel.hasEnded { return false }
        // What ends from here on interrupts, and also what has ended since the look above: the line follows the level. The handler tells of the end of
        // a split transaction by itself.
        if channel.isBusy, channel.askAgain == nil, channel.translator == nil {
            bus.write(.halted, to: DWC2Register.interruptMask(channel.number))
        }
        return true
    }

    /// When to look by oneself: see `USBHostController`.
    public func nextLook(at pipe: USBPipe) -> Instant { channel(of: pipe)?.askAgain ?? .never }

    /// Lets a pipe go on: see `USBHostController`.
    public func clear(_ pipe: USBPipe) {
        guard let channel = channel(of: pipe), channel.isStopped else { return }
        channel.isStopped = false
        channel.packetID = .data0
        channel.split.isUncertain = false
        if channel.isBusy { run(channel) }
    }

    /// Starts anew what was lost: see `USBHostController`.
    public func revive(_ pipe: USBPipe) {
        guard configuration.losesTransactions, let channel = channel(of: pipe), channel.isBusy, channel.askAgain == nil
        else { return }
        let number = channel.number
        if channel.translator == nil {
            let causes = bus.read(DWC2Register.interrupts(number))
            let size = bus.read(DWC2Register.size(number)).rawValue
            // Ended, and somebody will look; refused meanwhile; or moved on.
            if !causes.isDisjoint(with: [.halted, .nak]) || size != channel.lastSize {
                if !causes.contains(.halted) { bus.write(.nak, to: DWC2Register.interrupts(number)) }
                channel.lastSize = size
                channel.lastSign = time.now
                return
            }
        } else if !channel.isWithHandler.load(ordering: .acquiring) {
            return
        }
        guard time.now - channel.lastSign >= Self.signLimit else { return }
        halt(channel)
        guard self.channel(of: pipe) === channel, channel.isBusy else { return }
        // What has passed stays so.
        let size = bus.read(DWC2Register.size(number))
        bus.write(.all, to: DWC2Register.interrupts(number))
        let isWhole = channel.withActive {
            _ = $0.take(size, isComplete: false, isIn: channel.isIn, packetSize: channel.packetSize)
            return $0.count > 0 && $0.done >= $0.count
        }
        channel.packetID = size.packetID
        revivals &+= 1
        if isWhole { channel.finishActive(nil) }
        if channel.isBusy { run(channel) }
        channel.event?()
    }

    /// Goes on with the queue as far as that takes no waiting.
    private func pump(_ channel: Channel) {
        while channel.isBusy, advance(channel) {
            if channel.isAsked { lastActivity = time.now }
            if channel.isBusy { run(channel) }
        }
    }
}
