import Interfaces

/// Receiving and sending.
extension CDCEthernet {
    /// Lengths of a frame: from a header alone to the longest with a VLAN tag.
    static var frameLengths: ClosedRange<Int> { 14...1518 }

    // MARK: - Receiving

    /// Hands up the next frame: see `NetworkDevice`.
    public func receive() -> ReceivedFrame? {
        // A bound for bad ones that come as fast as they are dropped.
        for _ in 0..<64 {
            if let (buffer, range) = rest {
                rest = nil
                if let frame = takeMessage(range, of: buffer) { return frame }
                continue
            }
            guard let adapter, link.isUp, let end = adapter.controller.nextCompletion(of: adapter.input) else {
                return nil
            }
            if let frame = take(end, from: adapter) { return frame }
        }
        return nil
    }

    private func take(_ end: USBCompletion, from adapter: Adapter) -> ReceivedFrame? {
        let index = Int(end.tag)
        offered[index] = false
        if let error = end.error {
            count(error)
            adapter.halted.insert(.input)
            pool.giveBack(index)
            return nil
        }
        // A full transfer is of a frame that has not ended: longer than any. What follows belongs to it.
        let isTail = adapter.isSkipping
        adapter.isSkipping = end.count >= Buffers.bufferSize
        if adapter.isSkipping && !isTail { counters.lengthErrors &+= 1 }
        guard end.count > 0, !isTail, !adapter.isSkipping else {
            offer(index, to: adapter)
            return nil
        }
        guard let spare = pool.take() else {
            counters.noBuffer &+= 1
            offer(index, to: adapter)
            return nil
        }
        offer(spare, to: adapter)
        // Drops what the processor fetched while the buffer was the controller's.
        memory.invalidate(0..<end.count, of: Buffers.receive(index))
        switch adapter.function.protocol {
        case .ecm: return frame(0..<end.count, of: index)
        case .rndis: return takeMessage(0..<end.count, of: index)
        }
    }

    /// Lets the adapter fill receive buffer `index`. None of its lines is dirty: the processor never writes there, or cleans what it wrote.
    func offer(_ index: Int, to adapter: Adapter) {
        let address = memory.address(Buffers.receive(index))
        do throws(USBError) {
            try adapter.controller.submit(
                adapter.input, at: address, count: Buffers.bufferSize,
                tag: UInt16(truncatingIfNeeded: index))
            offered[index] = true
        } catch {
            pool.giveBack(index)
        }
    }

    /// The frame in `range` of receive buffer `index`, whose ownership goes with it; nil, and counted, when it is none.
    private func frame(_ range: Range<Int>, of index: Int) -> ReceivedFrame? {
        guard Self.frameLengths.contains(range.count) else {
            counters.lengthErrors &+= 1
            pool.giveBack(index)
            return nil
        }
        counters.receivedFrames &+= 1
        counters.receivedBytes &+= UInt64(range.count)
        let bytes = unsafe UnsafeRawBufferPointer(memory.bytes(Buffers.receive(index)))
        return unsafe pool.frame(index, of: bytes, range, checksum: .unknown)
    }

    /// The frame in the first of the RNDIS messages in `range`. What follows it is kept for the next call, in a buffer of its own.
    private func takeMessage(_ range: Range<Int>, of index: Int) -> ReceivedFrame? {
        let buffer = Buffers.receive(index)
        guard range.count >= RemoteNDIS.packetHeader,
            let message = RemoteNDIS.packet(in: range, word: { memory.word($0, of: buffer) })
        else {
            counters.malformed &+= 1
            pool.giveBack(index)
            return nil
        }
        if range.upperBound - message.end >= RemoteNDIS.packetHeader { keep(message.end..<range.upperBound, of: index) }
        return frame(message.frame, of: index)
    }

    private func keep(_ range: Range<Int>, of index: Int) {
        guard let copy = pool.take() else {
            counters.noBuffer &+= 1
            return
        }
        let target = Buffers.receive(copy)
        unsafe memory.bytes(target).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: memory.bytes(Buffers.receive(index))[range]))
        // Nothing dirty is left that could be written over what the controller writes there later.
        memory.clean(0..<range.count, of: target)
        rest = (copy, 0..<range.count)
    }

    // MARK: - Sending

    /// Sends a frame: see `NetworkDevice`.
    public func transmit(
        _ length: Int, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) throws(NetworkError) {
        if checksum != nil { throw .unsupported }
        guard let adapter, link.isUp else { throw .linkDown }
        guard Self.frameLengths.contains(length) else { throw .length }
        guard transmitRoom > 0 else {
            counters.transmitRingFull &+= 1
            throw .full
        }
        let buffer = produced % Self.transmitBuffers
        var offset = 0
        if adapter.function.protocol == .rndis {
            offset = RemoteNDIS.packetHeader
            RemoteNDIS.describePacket(length) { memory.setWord($0, at: $1, of: buffer) }
        }
        memory.fill(buffer, at: offset, length: length, fill)
        let count = offset + length
        // Orders the frame's bytes before the registers that let the controller read them.
        memory.clean(0..<count, of: buffer)
        do throws(USBError) {
            try adapter.controller.submit(adapter.output, at: memory.address(buffer), count: count, tag: Tag.frame)
            // A frame ends with a packet that is not full; when the last one is, with an empty one.
            if count % adapter.function.output.packetSize == 0 {
                try adapter.controller.submit(adapter.output, at: memory.address(buffer), count: 0, tag: Tag.end)
            }
        } catch {
            throw .stopped
        }
        produced += 1
        counters.transmittedFrames &+= 1
        counters.transmittedBytes &+= UInt64(length)
    }

    /// Frames that can be sent now: each may need two transfers.
    public var transmitRoom: Int {
        guard let adapter, link.isUp else { return 0 }
        reclaim()
        let free = Self.transmitBuffers - (produced - consumed)
        return min(free, adapter.controller.transferRoom(of: adapter.output) / 2)
    }

    /// What transfers are called.
    private enum Tag {
        static var frame: UInt16 { 1 }
        static var end: UInt16 { 0 }
    }

    /// Takes back the buffers of frames that have been sent.
    func reclaim() {
        guard let adapter else { return }
        while let end = adapter.controller.nextCompletion(of: adapter.output) {
            if end.tag == Tag.frame { consumed += 1 }
            if let error = end.error {
                if end.tag == Tag.frame { counters.transmitAbandoned &+= 1 }
                count(error)
                adapter.halted.insert(.output)
            }
        }
    }

    private func count(_ error: USBError) {
        switch error {
        case .babble: counters.lengthErrors &+= 1
        case .noAnswer: counters.symbolErrors &+= 1
        default: break
        }
    }
}
