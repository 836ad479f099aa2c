import Interfaces

/// Receiving.
extension GENET {
    /// Status block and the two bytes of alignment: where the frame begins in its buffer.
    private static var frameOffset: Int { Ring.statusBlockSize + 2 }
    /// Lengths of a frame without its checksum: from the shortest on the cable to the longest with a VLAN tag. Whatever a network
    /// boot has left in the FIFO without a status block does not pass for one easily (erratum E1).
    static var frameLengths: ClosedRange<Int> { 60...1518 }
    /// What is invalidated in one go at first: the status block, and a whole frame when it is of the shortest.
    private static var firstBytes: Int { 128 }
    /// Descriptors are given back in parts of this size, so that a consumer that takes its time does not starve the hardware.
    private static var batch: Int { 32 }

    /// Hands up the next frame: see `NetworkDevice`. One register access for every frame handed up; one for the frames that are found
    /// together, and one for 32 descriptors given back.
    public func receive() -> ReceivedFrame? {
        // A bound for bad frames that come as fast as they are dropped.
        for _ in 0..<Ring.size {
            if received == arrived && !findFrames() { return nil }
            if Ring.distance(from: returned, to: received) >= Self.batch { returnDescriptors() }
            if let frame = takeNext() { return frame }
        }
        return nil
    }

    /// Gives the descriptors of the frames looked at back to the hardware.
    func returnDescriptors() {
        if returned == received { return }
        returned = received
        // After the new addresses, on the same bus in program order: the hardware finds them.
        bus.write(RingIndex(returned), to: DMAEngine.receive.softwareIndex)
    }

    /// Whether frames wait that were not looked at. Asks the hardware only when it knows of none, and gives all descriptors back when
    /// there is none.
    func findFrames() -> Bool {
        if received != arrived { return true }
        guard isRunning else { return false }
        let index = bus.read(DMAEngine.receive.hardwareIndex)
        countDiscards(index)
        // More than the ring holds is nonsense, and calls for a restart.
        if Ring.distance(from: returned, to: index.counter) > Ring.size {
            isFaulty = true
        } else {
            arrived = index.counter
        }
        if received != arrived { return true }
        returnDescriptors()
        return false
    }

    /// Frames that found no descriptor are counted in the upper half of the index. Before that could stay at its highest value it is cleared;
    /// the write leaves the lower half as it is (Linux relies on that).
    private func countDiscards(_ index: RingIndex) {
        if index.discards == discards { return }
        counters.ringFull &+= UInt64(index.discards &- discards)
        discards = index.discards
        if discards < 0xC000 { return }
        bus.write(RingIndex(0), to: DMAEngine.receive.hardwareIndex)
        discards = 0
    }

    /// Takes the frame at the ring's tail out and puts a spare buffer in its place; or drops it and leaves its buffer there, which needs
    /// no register.
    @inline(__always)
    private func takeNext() -> ReceivedFrame? {
        let descriptor = Ring.descriptor(received)
        received &+= 1
        let index = Int(ringBuffers[descriptor])
        let buffer = Packets.receive(index)
        // Orders the loads below after the read of the index that told of the frame, and drops what the processor fetched while the buffer was
        // the device's.
        packets.invalidate(0..<Self.firstBytes, of: buffer)
        let status = ReceiveStatus(rawValue: packets.word(0, of: buffer))
        guard let length = acceptedLength(status) else { return nil }
        guard let spare = pool.take() else {
            counters.noBuffer &+= 1
            return nil
        }
        let end = Self.frameOffset + length
        // The same for the rest of the frame; the lines behind it are not looked at.
        if end > Self.firstBytes { packets.invalidate(Self.firstBytes..<end, of: buffer) }
        ringBuffers[descriptor] = UInt16(truncatingIfNeeded: spare)
        // No line of the spare buffer is dirty: see `start`. The upper half of the address is the same for all.
        let address = packets.address(Packets.receive(spare))
        bus.write(UInt32(truncatingIfNeeded: address), to: DMAEngine.receive.addressLow(descriptor))
        counters.receivedFrames &+= 1
        counters.receivedBytes &+= UInt64(length)
        // Erratum E13: the buffer is normal memory, so the frame may be read at any alignment.
        return unsafe pool.frame(
            index, of: UnsafeRawBufferPointer(packets.bytes(buffer)), Self.frameOffset..<end,
            checksum: checksum(of: buffer))
    }

    /// The frame's length when it is good; else nil, and counted. Nothing the device says is believed beyond the buffer's size.
    @inline(__always)
    private func acceptedLength(_ status: ReceiveStatus) -> Int? {
        if !status.contains(.whole) || status.contains(.tooLong) {
            counters.lengthErrors &+= 1
        } else if status.contains(.overflow) {
            counters.overruns &+= 1
        } else if status.contains(.checksumError) {
            counters.checksumErrors &+= 1
        } else if !status.isDisjoint(with: [.alignmentError, .symbolError]) {
            counters.symbolErrors &+= 1
        } else if status.length < Self.frameOffset || status.length > Packets.bufferSize {
            counters.malformed &+= 1
        } else if !Self.frameLengths.contains(status.length - Self.frameOffset) {
            counters.lengthErrors &+= 1
        } else {
            return status.length - Self.frameOffset
        }
        return nil
    }

    /// The sum in the status block's third word, over everything after the Ethernet header, in network order. Zero cannot be told from
    /// "not computed".
    @inline(__always)
    private func checksum(of buffer: Int) -> ReceivedChecksum {
        let sum = UInt16(truncatingIfNeeded: packets.word(8, of: buffer))
        return sum == 0 ? .unknown : .sum(sum)
    }
}
