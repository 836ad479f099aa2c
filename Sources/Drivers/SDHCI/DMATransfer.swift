import Interfaces

/// Letting the controller move the data of a plan, and keeping the caches out of it.
extension SDHCI {
    /// Sends `command`, which reads or writes the plan's blocks, and waits until the controller has moved them. An error that is not the
    /// card's refusal of the command leaves open how many it has moved.
    func moveByDMA(_ command: SDCommand) throws(CardFailure) {
        guard let dma else { return }
        let isRead = if case .read = command.data { true } else { false }
        if isRead { prepareRead(dma) } else { prepareWrite(dma) }
        // The controller reads the descriptors from memory, and so their lines are written back first; the barrier at the end of it also
        // orders all of this before the store that starts the command.
        dma.memory.clean(0..<8 * plan.descriptors)
        write(dma.address, to: HostRegister.admaAddress)
        var command = command
        command.usesDMA = true
        try sendChecked(command)
        do throws(CardFailure) {
            try awaitTransfer(command.mayBeBusy ? busyTimeout : readTimeout)
            try checkStop(command)
        } catch {
            try resetLines()
            throw error
        }
        if isRead { finishRead(dma) }
        admaErrors = 0
        statistics.dmaTransfers &+= 1
    }

    /// Waits for the end of a transfer: looks, and lets the controller interrupt when there is nothing to see yet.
    private func awaitTransfer(_ timeout: DataTimeout) throws(CardFailure) {
        // The controller's own timeout ends the wait for a block; this one is for a controller that says nothing at all.
        let deadline = time.now + timeout.patience + .milliseconds(10 * UInt64(plan.blocks))
        var isLate = false
        while true {
            let status = bus.read(HostRegister.status)
            if !status.isDisjoint(with: [.transferComplete, .error]) { return try check(status, .transferComplete) }
            if isLate {
                // A controller that asks for the data to be fetched has not understood that it is to move it.
                if !status.isDisjoint(with: [.bufferReadReady, .bufferWriteReady]) { throw .dma }
                throw .timeout("SDHCI INTERRUPT transfer complete")
            }
            isLate = time.now >= deadline
            // Late: one more look, for this task may have been the slow one.
            if isLate { continue }
            // Level-sensitive: what came since the look interrupts at once. The handler takes the enables away.
            bus.write([.transferComplete, .anyError], to: HostRegister.signalEnable)
            event.wait(until: deadline)
        }
    }

    // MARK: - Caches

    private func prepareRead(_ dma: CardDMA<Platform.Memory, Platform.Mapping>) {
        for index in 0..<plan.count where plan.segments[index].bounce == nil {
            let segment = plan.segments[index]
            // What the processor wrote into the caller's buffer is thrown away, so that none of it is evicted over what the controller
            // writes. Whole lines of the buffer only. The driver's own lines need nothing: what is written there is cleaned.
            unsafe dma.mapping.invalidate(
                segment.address! + segment.head, count: segment.count - segment.head - segment.tail)
        }
    }

    private func finishRead(_ dma: CardDMA<Platform.Memory, Platform.Mapping>) {
        for index in 0..<plan.count {
            let segment = plan.segments[index]
            let target = unsafe segment.address!
            if let bounce = segment.bounce {
                // The processor may have fetched these lines ahead, before or while the controller wrote them.
                dma.memory.invalidate(bounce..<bounce + segment.count)
                unsafe target.copyMemory(from: dma.memory.bytes.baseAddress! + bounce, byteCount: segment.count)
                statistics.blocksCopied &+= UInt64(segment.count / Self.blockSize)
                continue
            }
            // The same for the caller's whole lines.
            unsafe dma.mapping.invalidate(
                target + segment.head, count: segment.count - segment.head - segment.tail)
            if segment.head | segment.tail == 0 { continue }
            let edges = CardDMALayout.edges.lowerBound + 128 * index
            // And for the driver's two that hold the pieces of the caller's first and last line.
            dma.memory.invalidate(edges..<edges + 128)
            let source = unsafe dma.memory.bytes.baseAddress! + edges
            unsafe target.copyMemory(from: source, byteCount: segment.head)
            unsafe (target + segment.count - segment.tail).copyMemory(from: source + 64, byteCount: segment.tail)
        }
    }

    private func prepareWrite(_ dma: CardDMA<Platform.Memory, Platform.Mapping>) {
        for index in 0..<plan.count {
            let segment = plan.segments[index]
            guard let bounce = segment.bounce else {
                // What the caller wrote into its buffer goes to memory, where the controller reads it. Neighbours in the first and the
                // last line go along, which does them no harm.
                unsafe dma.mapping.clean(segment.address!, count: segment.count)
                continue
            }
            unsafe (dma.memory.bytes.baseAddress! + bounce).copyMemory(
                from: segment.address!, byteCount: segment.count)
            // The copy goes to memory.
            dma.memory.clean(bounce..<bounce + segment.count)
            statistics.blocksCopied &+= UInt64(segment.count / Self.blockSize)
        }
    }
}
