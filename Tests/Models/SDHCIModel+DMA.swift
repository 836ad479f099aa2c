import Interfaces

/// How far the controller has come along a list of descriptors.
struct DescriptorCursor {
    /// Where the list begins, on the controller's bus.
    var start: UInt32 = 0
    /// ADMA error status: the state, and whether the lengths do not match.
    var error: UInt32 = 0
    /// The next descriptor.
    var next: UInt32 = 0
    /// What is left of the current one.
    var address: UInt32 = 0
    var rest = 0
    /// It was the last one.
    var hasEnded = false
}

/// ADMA2 with 32-bit addresses (SDHCI 1.13): data moves block by block, as it comes over the lines.
extension SDHCIModel {
    /// Attribute bits of a descriptor.
    private static var isValid: UInt32 { 1 }
    private static var isLast: UInt32 { 2 }

    /// Begins a transfer along the list.
    func startDMA() {
        dmaTransfers += 1
        if hostControl >> 3 & 3 != 2 { violations.append("DMA without ADMA2 selected") }
        if list.start % 4 != 0 { violations.append("a list of descriptors at no multiple of four") }
        list.next = list.start
        list.rest = 0
        list.hasEnded = false
        list.error = 0
        isMisplaced = misplacedTransfers > 0
        if isMisplaced { misplacedTransfers -= 1 }
        if admaFaults > 0 {
            admaFaults -= 1
            return failList()
        }
        moveBlock()
    }

    /// Counts transfers and interrupts from here on.
    public func forgetTransfers() {
        dmaTransfers = 0
        interrupts = 0
    }

    private func failList(isLengthWrong: Bool = false) {
        list.error = isLengthWrong ? 0x6 : 0x1
        raise(1 << 25)
    }

    private func moveBlock() {
        let generation = dataGeneration
        clock.schedule(after: blockTime) { [self] in
            if generation != dataGeneration { return }
            removeCardIfDue()
            guard let card else { return failData(.timeout) }
            if isReading {
                switch card.nextBlock(size: blockSize, clock: cardClock) {
                case .success(let block): if !put(block) { return }
                case .failure(let fault): return failData(fault)
                }
            } else {
                guard let block = take(blockSize) else { return }
                if let fault = card.take(block, clock: cardClock, at: clock.now) { return failData(fault) }
            }
            blocksLeft -= 1
            if blocksLeft > 0 { return isReading ? moveBlock() : awaitReady { [self] in moveBlock() } }
            if list.rest > 0 || !list.hasEnded { violations.append("the list is longer than the transfer") }
            finishData()
        }
    }

    /// Makes sure that the list has somewhere for the next byte. False, and an error raised, when it has not.
    private func advance() -> Bool {
        if list.rest > 0 { return true }
        if list.hasEnded {
            failList(isLengthWrong: true)
            return false
        }
        guard let word = word(list.next), let target = self.word(list.next &+ 4), word & Self.isValid != 0,
            word >> 4 & 3 == 2
        else {
            failList()
            return false
        }
        list.address = target
        list.rest = word >> 16 == 0 ? 65536 : Int(word >> 16)
        list.hasEnded = word & Self.isLast != 0
        list.next &+= 8
        if target % 4 != 0 { violations.append("a descriptor with an address that is no multiple of four") }
        if list.rest % 4 != 0 { violations.append("a descriptor with a length that is no multiple of four") }
        return true
    }

    private func put(_ block: [UInt8]) -> Bool {
        var done = 0
        while done < block.count {
            guard advance() else { return false }
            let count = min(list.rest, block.count - done)
            guard let (arena, address) = place(list.address, count, isWrite: true) else { return false }
            if !isMisplaced { arena.deviceWrite(Array(block[done..<done + count]), at: address) }
            consume(count)
            done += count
        }
        return true
    }

    private func take(_ size: Int) -> [UInt8]? {
        var block: [UInt8] = []
        while block.count < size {
            guard advance() else { return nil }
            let count = min(list.rest, size - block.count)
            guard let (arena, address) = place(list.address, count) else { return nil }
            block += arena.deviceRead(address, count: count)
            consume(count)
        }
        return block
    }

    private func consume(_ count: Int) {
        list.address &+= UInt32(count)
        list.rest -= count
    }

    private func word(_ bus: UInt32) -> UInt32? {
        guard let (arena, address) = place(bus, 4) else { return nil }
        return arena.deviceRead(address, count: 4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The memory at `bus`. Nil, and a violation, where the controller reaches none: on the board that corrupts somebody else's.
    private func place(_ bus: UInt32, _ count: Int, isWrite: Bool = false) -> (CoherentArenaModel, UInt64)? {
        let offset = UInt64(bus) &- window.bus
        let address = window.physical.lowerBound &+ offset
        if UInt64(bus) >= window.bus, address + UInt64(count) <= window.physical.upperBound,
            let arena = memories.first(where: { $0.contains(address, count: count) })
        {
            return (arena, address)
        }
        // What lies there is zeros: memory that nobody has used. A list of them ends at once.
        if hasForeignMemory {
            if isWrite { foreignWrites += 1 }
            failList()
            return nil
        }
        violations.append("DMA at bus address \(bus), where there is no memory of the driver or a caller")
        failList()
        return nil
    }
}
