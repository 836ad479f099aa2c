import Interfaces

/// Sending.
extension GENET {
    /// Where the frame begins in its buffer: after the status block.
    private static var frameOffset: Int { Ring.statusBlockSize }
    /// Where the status block holds what checksum to compute.
    private static var checksumOffset: Int { 48 }
    /// Descriptors in use at most: with all of them in use, full and empty would look the same to the hardware's pointers.
    private static var capacity: Int { Ring.size - 1 }

    /// Sends a frame: see `NetworkDevice`. Two register accesses; a third when the ring seems full.
    ///
    /// The whole frame lies in one buffer, right after its status block (erratum E3), padded here to the least length: the hardware's
    /// padding is not needed.
    public func transmit(
        _ length: Int, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) throws(NetworkError) {
        guard isRunning else { throw .stopped }
        guard link.isUp else { throw .linkDown }
        guard length >= 14, length <= Self.frameLengths.upperBound else { throw .length }
        let request = try checksumRequest(checksum, length: length)
        guard transmitRoom > 0 else {
            counters.transmitRingFull &+= 1
            throw isFaulty ? .stopped : .full
        }
        let descriptor = Ring.descriptor(produced)
        let sent = max(length, Self.frameLengths.lowerBound)
        packets.fill(
            descriptor, at: Self.frameOffset, length: length, least: Self.frameLengths.lowerBound, fill)
        var first = Self.frameOffset
        // The status block stays as it was, in memory too, unless the last frame here wanted another checksum.
        if packets.word(Self.checksumOffset, of: descriptor) != request {
            packets.setWord(request, at: Self.checksumOffset, of: descriptor)
            first = 0
        }
        // Orders the frame's bytes before the writes below: from the index on the device may read them.
        packets.clean(first..<Self.frameOffset + sent, of: descriptor)
        // The descriptor before the index: device registers are written in program order.
        bus.write(
            TransmitStatus.frame(length: Self.frameOffset + sent, computesChecksum: request != 0),
            to: DMAEngine.transmit.status(descriptor))
        produced &+= 1
        bus.write(RingIndex(produced), to: DMAEngine.transmit.softwareIndex)
        counters.transmittedFrames &+= 1
        counters.transmittedBytes &+= UInt64(length)
    }

    /// Descriptors that are free. Asks the hardware only when there seemed to be none.
    @inline(__always)
    public var transmitRoom: Int {
        var room = Self.capacity - Ring.distance(from: consumed, to: produced)
        if room <= 0 {
            reclaim()
            room = isFaulty ? 0 : Self.capacity - Ring.distance(from: consumed, to: produced)
        }
        return max(room, 0)
    }

    /// Asks how far the hardware has come. Its buffers need no care: they belong to their descriptors. Further than we are is nonsense, and calls
    /// for a restart.
    func reclaim() {
        let index = bus.read(DMAEngine.transmit.hardwareIndex).counter
        if Ring.distance(from: consumed, to: index) > Ring.distance(from: consumed, to: produced) {
            isFaulty = true
            return
        }
        consumed = index
    }

    /// Counts what was handed over and will never be sent; the engine has stopped.
    func abandonTransmits() {
        reclaim()
        counters.transmitAbandoned &+= UInt64(Ring.distance(from: consumed, to: produced))
        consumed = produced
    }

    /// Word 12 of the status block; zero without a checksum.
    @inline(__always)
    private func checksumRequest(_ checksum: TransmitChecksum?, length: Int) throws(NetworkError) -> UInt32 {
        guard let checksum else { return 0 }
        guard checksum.start >= 14, checksum.start & 1 == 0, checksum.field >= checksum.start,
            checksum.field + 2 <= length
        else { throw .unsupported }
        var request: UInt32 = 1 << 31 | UInt32(checksum.start) << 16 | UInt32(checksum.field)
        if checksum.isUDP { request |= 1 << 15 }
        return request
    }
}
