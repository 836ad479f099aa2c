import Interfaces

/// Whether what the board says about the controller's view of memory is true.
///
/// A wrong window raises no error: the controller takes somebody else's memory for the driver's. So one block is read through the port and by
/// descriptors, into memory that holds the opposite of it, and has to come out the same both times.
extension SDHCI {
    /// Lets the controller move data by itself, if a block comes the same both ways.
    func tryDMA() throws(CardFailure) {
        canMoveData = false
        guard let dma, bus.read(HostRegister.capabilities).hasADMA2 else { return }
        let reference = CardDMALayout.bounce.lowerBound + Self.blockSize
        let place = unsafe dma.memory.bytes.baseAddress! + reference
        // The processor writes to these lines, and the controller will.
        defer { dma.memory.clean(CardDMALayout.bounce.lowerBound..<reference + 2 * Self.blockSize) }
        unsafe planTrial(place)
        try retrying { (card) throws(CardFailure) in try receivePlan(.read(1, at: card.argument(for: 0))) }
        canMoveData = true
        for _ in 0..<2 where try comesByDMA(dma, as: reference) { return }
        canMoveData = false
    }

    /// Whether a block that is read by descriptors is the one at `reference` of the driver's memory.
    private func comesByDMA(
        _ dma: CardDMA<Platform.Memory, Platform.Mapping>, as reference: Int
    ) throws(CardFailure) -> Bool {
        guard let card else { throw .absent }
        let bounce = CardDMALayout.bounce.lowerBound
        let bytes = unsafe dma.memory.bytes
        for index in 0..<Self.blockSize { unsafe bytes[bounce + index] = unsafe ~bytes[reference + index] }
        // What is to be overwritten must lie in memory, so that nothing of it is evicted over what comes, and so that it is seen when nothing does.
        dma.memory.clean(bounce..<bounce + Self.blockSize)
        let target = unsafe bytes.baseAddress! + reference + Self.blockSize
        unsafe planTrial(target, bounce: bounce)
        addDescriptors(dma.address + UInt32(bounce), Self.blockSize, dma)
        endDescriptors(dma)
        do throws(CardFailure) {
            try moveByDMA(.read(1, at: card.argument(for: 0)))
        } catch {
            try recover(card)
            return false
        }
        for index in 0..<Self.blockSize
        where unsafe bytes[reference + index]
            != target.load(
                fromByteOffset: index, as: UInt8.self)
        { return false }
        return true
    }

    /// Plans one block, to `address`, by way of the driver's memory at `bounce`.
    private func planTrial(_ address: UnsafeMutableRawPointer, bounce: Int? = nil) {
        plan.clear()
        unsafe plan.segments[0] = TransferSegment(address: address, count: Self.blockSize, bounce: bounce)
        plan.count = 1
        plan.blocks = 1
    }
}
