import Interfaces

/// Planning what the controller moves by itself: which memory it reaches, which has to be copied, and the descriptors for both.
extension SDHCI {
    /// Bytes in one descriptor at most: whole blocks below the 65,536 that its 16 bits cannot say.
    static var mostInDescriptor: Int { 127 * blockSize }

    /// Plans the next command of a request, as much as descriptors, segments and the bounce buffer have room for.
    ///
    /// The controller gets a caller's memory itself where it begins at a multiple of four and lies in one run that the controller's bus
    /// reaches. Of a read, what shares a cache line with something else goes by the driver's own memory: up to 63 bytes
    /// at both ends. Everything else is copied whole.
    func planDMA(_ pieces: Span<BlockPiece>, from position: inout PlanPosition, isRead: Bool) {
        guard let dma else { return }
        plan.clear()
        while plan.count < TransferPlan.mostSegments, plan.blocks < TransferPlan.mostBlocks {
            while position.piece < pieces.count, position.offset == pieces[position.piece].count {
                position.piece += 1
                position.offset = 0
            }
            if position.piece == pieces.count { break }
            let piece = pieces[position.piece]
            let address = unsafe piece.bytes.baseAddress! + position.offset
            let rest = min(piece.count - position.offset, (TransferPlan.mostBlocks - plan.blocks) * Self.blockSize)
            let taken = unsafe addSegment(address, rest, isRead, dma)
            if taken == 0 { break }
            plan.count += 1
            plan.blocks += taken / Self.blockSize
            position.offset += taken
        }
        endDescriptors(dma)
    }

    /// Plans up to `count` bytes at `address`. Returns how many there was room for.
    private func addSegment(
        _ address: UnsafeMutableRawPointer, _ count: Int, _ isRead: Bool,
        _ dma: CardDMA<Platform.Memory, Platform.Mapping>
    ) -> Int {
        let room = CardDMALayout.table.count / 8 - plan.descriptors - 2
        let most = min(count, room * Self.mostInDescriptor)
        if most <= 0 { return 0 }
        let position = UInt(bitPattern: address)
        if position % 4 == 0, let physical = unsafe dma.mapping.physicalAddress(of: address, count: most),
            let target = dma.window.busAddress(of: physical, count: most)
        {
            var segment = unsafe TransferSegment(address: address, count: most)
            if isRead {
                segment.head = Int((64 - position % 64) % 64)
                segment.tail = Int((position + UInt(most)) % 64)
            }
            addDescriptors(for: segment, at: target, dma)
            plan.segments[plan.count] = segment
            return most
        }
        let copied = min(most, CardDMALayout.bounce.count - plan.bounced)
        if copied == 0 { return 0 }
        let offset = CardDMALayout.bounce.lowerBound + plan.bounced
        unsafe plan.segments[plan.count] = TransferSegment(address: address, count: copied, bounce: offset)
        addDescriptors(dma.address + UInt32(offset), copied, dma)
        plan.bounced += copied
        return copied
    }

    private func addDescriptors(
        for segment: TransferSegment, at target: UInt32, _ dma: CardDMA<Platform.Memory, Platform.Mapping>
    ) {
        let edges = dma.address + UInt32(CardDMALayout.edges.lowerBound + 128 * plan.count)
        if segment.head > 0 { addDescriptors(edges, segment.head, dma) }
        addDescriptors(target + UInt32(segment.head), segment.count - segment.head - segment.tail, dma)
        if segment.tail > 0 { addDescriptors(edges + 64, segment.tail, dma) }
    }

    // MARK: - Descriptors (SDHCI 1.13.4): attributes and length, then the address.

    /// The descriptor is valid and moves data.
    private static var transfers: UInt32 { 2 << 4 | 1 }
    /// The last one.
    private static var ends: UInt32 { 1 << 1 }

    func addDescriptors(
        _ target: UInt32, _ count: Int, _ dma: CardDMA<Platform.Memory, Platform.Mapping>
    ) {
        var done = 0
        while done < count {
            let length = min(count - done, Self.mostInDescriptor)
            store(Self.transfers | UInt32(length) << 16, at: 8 * plan.descriptors, dma)
            store(target + UInt32(done), at: 8 * plan.descriptors + 4, dma)
            plan.descriptors += 1
            done += length
        }
    }

    func endDescriptors(_ dma: CardDMA<Platform.Memory, Platform.Mapping>) {
        if plan.descriptors == 0 { return }
        let last = 8 * (plan.descriptors - 1)
        let word = unsafe dma.memory.bytes.load(fromByteOffset: last, as: UInt32.self)
        store(word | Self.ends, at: last, dma)
    }

    private func store(_ word: UInt32, at offset: Int, _ dma: CardDMA<Platform.Memory, Platform.Mapping>) {
        precondition(CardDMALayout.table.contains(offset), "SDHCI: the table of descriptors is full")
        unsafe dma.memory.bytes.storeBytes(of: word, toByteOffset: offset, as: UInt32.self)
    }
}
