import Interfaces

/// The rings as they are before the engines start.
extension GENET {
    /// Gives every receive descriptor a buffer: its old one after a restart.
    func setUpReceiveRing() {
        let ring = DMAEngine.receive
        if !hasRing {
            // There are more buffers than descriptors, and nobody has got one yet.
            for index in 0..<Ring.size { ringBuffers[index] = UInt16(pool.take()!) }
            hasRing = true
        }
        for index in 0..<Ring.size {
            setAddress(of: Packets.receive(Int(ringBuffers[index])), in: ring, index)
        }
        // Where the MAC would pause the partner, if it were let: at five descriptors left, and no longer at sixteen. Zeros would mean always.
        configure(ring, threshold: configuration.receiveThreshold, flow: 5 << 16 | UInt32(Ring.size / 16))
        bus.write(configuration.receiveTimeoutSteps, to: ring.timeout)
        let index = alignIndices(of: ring)
        returned = index.counter
        received = returned
        arrived = returned
        discards = index.discards
    }

    /// Gives every transmit descriptor its buffer, for good. None ever holds an address that is not ours: the device is said to
    /// read ahead, and to stall the bus when it finds nonsense (erratum E15).
    func setUpTransmitRing() {
        let ring = DMAEngine.transmit
        for index in 0..<Ring.size {
            bus.write(TransmitStatus.idle, to: ring.status(index))
            setAddress(of: index, in: ring, index)
        }
        configure(ring, threshold: configuration.transmitThreshold, flow: 0)
        produced = alignIndices(of: ring).counter
        consumed = produced
    }

    private func setAddress(of buffer: Int, in engine: DMAEngine, _ descriptor: Int) {
        let address = packets.address(buffer)
        bus.write(UInt32(truncatingIfNeeded: address), to: engine.addressLow(descriptor))
        bus.write(UInt32(address >> 32), to: engine.addressHigh(descriptor))
    }

    private func configure(_ ring: DMAEngine, threshold: UInt32, flow: UInt32) {
        // Erratum E8: 8 on the BCM2711, 16 on every other chip.
        bus.write(8, to: ring.burstSize)
        bus.write(0, to: ring.start)
        bus.write(0, to: ring.startHigh)
        bus.write(UInt32(Ring.size) * Ring.descriptorWords - 1, to: ring.end)
        bus.write(0, to: ring.endHigh)
        bus.write(UInt32(Ring.size) << 16 | UInt32(Packets.bufferSize), to: ring.bufferSize)
        bus.write(threshold, to: ring.doneThreshold)
        bus.write(flow, to: ring.flow)
        bus.write(1 << Ring.number, to: ring.rings)
    }

    /// Puts both counters of a ring at the same value. Erratum E2: the hardware's may refuse to become zero, after a network boot or an earlier
    /// driver; so it is read back, and the software's, and the pointers into the descriptors, follow it.
    private func alignIndices(of ring: DMAEngine) -> RingIndex {
        bus.write(RingIndex(0), to: ring.hardwareIndex)
        let index = bus.read(ring.hardwareIndex)
        bus.write(RingIndex(index.counter), to: ring.softwareIndex)
        let pointer = UInt32(Ring.descriptor(index.counter)) * Ring.descriptorWords
        bus.write(pointer, to: ring.hardwarePointer)
        bus.write(0, to: ring.hardwarePointerHigh)
        bus.write(pointer, to: ring.softwarePointer)
        bus.write(0, to: ring.softwarePointerHigh)
        return index
    }
}
