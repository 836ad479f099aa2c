import Interfaces

/// Starting, stopping and starting again.
extension GENET {
    /// Stops whatever an earlier stage left running, resets the controller and the PHY, and lets the rings turn. The link comes later:
    /// `maintain` notices. Does nothing when already started.
    ///
    /// Throws `.absent` without a controller or a PHY, `.unsupported` for another version of it, `.timeout` when something does not stop
    /// or reset, `.invalid` when `stop` was called meanwhile.
    public func start() throws(DeviceError) {
        if isStarted { return }
        guard let revision = bus.probe(GENETRegister.revision.offset) else { throw .absent }
        if Revision(rawValue: revision).major != Revision.version5 { throw .unsupported("SYS_REV_CTRL version") }
        let mine = stops
        isStarting = true
        defer { isStarting = false }
        try quiesce()
        // From here on no line of the buffers is dirty, and receive buffers never become so: frames can only be read. So none is evicted over
        // what the device writes, and buffers go back to it without any cache operation.
        packets.cleanAll()
        resetController()
        do throws(DeviceError) {
            try withPHY { phy throws(DeviceError) in try phy.start() }
        } catch {
            counters.phyErrors &+= 1
            throw error
        }
        if mine != stops { throw .invalid("GENET: stopped while it started") }
        isStarted = true
        run()
    }

    /// Stops: see `NetworkDevice`. May be called from another task while this one's waits in `start` or `maintain`: those start nothing any
    /// more then.
    public func stop() throws(DeviceError) {
        guard isStarted || isStarting else { return }
        let wasStarted = isStarted
        stops &+= 1
        isStarted = false
        isRunning = false
        isFaulty = false
        armed = []
        arrived = received
        collectCounters()
        if link.isUp { counters.linksDown &+= 1 }
        link = .down
        do throws(DeviceError) { try quiesce() } catch {
            // To be tried again.
            isStarted = wasStarted
            throw error
        }
        abandonTransmits()
        // The PHY keeps its power: the next image, or the firmware, may want a link at once.
    }

    /// Resets everything but the PHY, whose link stays. Frames under way are lost; frames that consumers hold are not touched.
    func restart() {
        let mine = stops
        counters.restarts &+= 1
        isRunning = false
        arrived = received
        collectCounters()
        do throws(DeviceError) { try quiesce() } catch {
            // The engines may still use the buffers: nothing is given to them anew. The next `maintain` tries again.
            if mine == stops { isFaulty = true }
            return
        }
        if mine != stops { return }
        abandonTransmits()
        resetController()
        // Here, and in `applyLink` after its wait: what `stop` has ended meanwhile does not begin again.
        if mine != stops { return }
        run()
        if case .up(let mode) = link { applyLink(mode) }
        if mine != stops { return }
        let wanted = armed
        armed = []
        // What has arrived meanwhile is found by the caller, who goes round after `maintain`.
        if !wanted.isEmpty { _ = arm(wanted) }
        onEvent?(.restarted)
    }

    /// Sets the rings up and starts the engines. The MAC takes part when there is a link.
    private func run() {
        isFaulty = false
        transmitWatch = nil
        setUpReceiveRing()
        setUpTransmitRing()
        updateFilter()
        mayTouchMemory = true
        bus.write([.enable, .ring], to: DMAEngine.receive.control)
        bus.write([.enable, .ring], to: DMAEngine.transmit.control)
        receiveWatch = nil
        isRunning = true
    }

    // MARK: - Quiesce

    /// Stops the controller, in whatever state it is; afterwards it neither interrupts nor touches memory. Goes through all steps
    /// even when one fails. Some 15 ms.
    func quiesce() throws(DeviceError) {
        silence(GENETRegister.interrupts)
        silence(GENETRegister.ringInterrupts)
        command = bus.read(GENETRegister.command)
        command.remove(.receive)
        // A transmitter that its partner has paused would not come to an end.
        command.formUnion(.silent)
        bus.write(command, to: GENETRegister.command)
        // The MAC stops at the end of a frame; the longest takes 1.3 ms at 10 Mb/s.
        time.wait(for: .milliseconds(2))
        let hasTransmitterStopped = stopEngine(.transmit)
        // What the receiver's FIFO holds drains.
        time.wait(for: .milliseconds(10))
        let hasReceiverStopped = stopEngine(.receive)
        command.remove(.transmit)
        bus.write(command, to: GENETRegister.command)
        time.wait(for: .milliseconds(2))
        bus.write(1, to: GENETRegister.transmitFlush)
        time.wait(for: .microseconds(10))
        bus.write(0, to: GENETRegister.transmitFlush)
        flushReceiver()
        mayTouchMemory = !hasReceiverStopped || !hasTransmitterStopped
        if !hasReceiverStopped { throw .timeout("RDMA STATUS DMA_DISABLED") }
        if !hasTransmitterStopped { throw .timeout("TDMA STATUS DMA_DISABLED") }
    }

    private func silence(_ bank: InterruptBank) {
        bus.write(.all, to: bank.maskSet)
        bus.write(.all, to: bank.clear)
    }

    private func stopEngine(_ engine: DMAEngine) -> Bool {
        let wasEnabled = bus.read(engine.control).contains(.enable)
        bus.modify(engine.control) { $0.remove(.enable) }
        let hasStopped = time.poll(for: .milliseconds(5), every: .microseconds(10)) {
            bus.read(engine.state).contains(.isStopped)
        }
        bus.write([], to: engine.control)
        // One that was not running has nothing to stop, whatever its status says.
        return hasStopped || !(wasEnabled || mayTouchMemory)
    }

    /// Empties the receive FIFO, which no reset does (erratum E1); also the only way out of a receiver stuck by erratum E5.
    private func flushReceiver() {
        bus.modify(GENETRegister.receiveFlush) { $0.insert(.flush) }
        time.wait(for: .microseconds(10))
        bus.modify(GENETRegister.receiveFlush) { $0.remove(.flush) }
        time.wait(for: .microseconds(10))
    }

    // MARK: - Reset

    /// Resets the controller and configures everything that does not depend on rings and link.
    private func resetController() {
        selectPort()
        writeFlush(.resetMAC)
        writeFlush([])
        writeFlush([])
        bus.write([], to: GENETRegister.command)
        // Its own transmit clock serves the receiver for this reset; the PHY's may be missing.
        bus.write([.reset, .localLoop], to: GENETRegister.command)
        time.wait(for: .microseconds(10))
        // Erratum E6: stays in reset until a link gives it its clocks. See `applyLink`.
        command = .reset
        bus.write(command, to: GENETRegister.command)
        time.wait(for: .microseconds(2))
        bus.write(7, to: GENETRegister.counterControl)
        bus.write(0, to: GENETRegister.counterControl)
        hardwareCounters.rebase(on: bus)
        configureMAC()
        configureBuffers()
        disableFrameFilters()
    }

    /// The MAC is connected to an external gigabit PHY, by RGMII. First of all: it is where the MAC gets its transmit clock from.
    private func selectPort() {
        bus.write(3, to: GENETRegister.portControl)
        bus.modify(GENETRegister.rgmiiControl) {
            $0.subtract([.link, .outOfBandDisable])
            // Erratum E7: the PHY delays the receive clock, so the MAC delays the transmit clock.
            $0.remove(.delayDisable)
            $0.insert(.enable)
        }
    }

    private func writeFlush(_ value: ReceiveFlush) {
        bus.write(value, to: GENETRegister.receiveFlush)
        time.wait(for: .microseconds(10))
    }

    /// The MAC, but for what depends on the link. An earlier stage may have left it waiting for a magic packet.
    private func configureMAC() {
        bus.write(UInt32(truncatingIfNeeded: hardwareAddress.bits >> 16), to: GENETRegister.address0)
        bus.write(UInt32(hardwareAddress.bits & 0xFFFF), to: GENETRegister.address1)
        // 1500 bytes and header, VLAN tag, switch tag, checksum. No jumbo frames: they reach the thresholds below.
        bus.write(1536, to: GENETRegister.maximumFrameLength)
        bus.write(0xFFFF, to: GENETRegister.pauseQuanta)
        bus.modify(GENETRegister.halfDuplex) { $0.remove(.flowControl) }
        bus.modify(GENETRegister.magicPacket) { $0.subtract([.enable, .password]) }
        bus.modify(GENETRegister.energyEfficiency) { $0.remove(.enable) }
    }

    /// What lies between MAC and DMA. An earlier stage leaves other settings; bits without a name keep what they are, which is not zero.
    private func configureBuffers() {
        bus.modify(GENETRegister.receiveBuffer) {
            $0.formUnion([.statusBlock, .align])
            $0.remove(.badDisable)
        }
        bus.modify(GENETRegister.transmitBuffer) { $0.insert(.statusBlock) }
        bus.modify(GENETRegister.receiveChecksum) {
            $0.formUnion([.enable, .sumAll])
            $0.remove(.skipFrameCheck)
        }
        bus.modify(GENETRegister.receiveReady) { $0.blocks = ReadyThreshold.whole }
        bus.modify(GENETRegister.transmitReady) { $0.blocks = ReadyThreshold.whole }
        // As after a reset, and as Linux runs.
        bus.write(0xFFFF, to: GENETRegister.transmitBackpressure)
        bus.write(1, to: GENETRegister.transmitBufferSize)
        // Erratum E5: with these the receiver stops for good once the MAC saves energy.
        bus.modify(GENETRegister.receiveEnergy) { $0.subtract(.all) }
        bus.modify(GENETRegister.transmitEnergy) { $0.subtract(.all) }
    }

    /// Turns off the filters that send frames to other rings. All of them, so that their reversed order (erratum E11) does not matter.
    private func disableFrameFilters() {
        bus.write(0, to: GENETRegister.frameFilterControl)
        for index in 0..<2 { bus.write(0, to: GENETRegister.frameFilterEnable(index)) }
        for index in 0..<8 { bus.write(0, to: DMAEngine.receive.filterRings(index)) }
        for index in 0..<12 { bus.write(0, to: GENETRegister.frameFilterLength(index)) }
    }
}
