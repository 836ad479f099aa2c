import Interfaces

/// Moving data through the controller's port, a word at a time.
extension SDHCI {
    /// Plans the next command of a request whose data goes through the port: one run of memory.
    func planPort(_ pieces: Span<BlockPiece>, from position: inout PlanPosition) {
        plan.clear()
        while position.offset == pieces[position.piece].count {
            position.piece += 1
            position.offset = 0
        }
        let piece = pieces[position.piece]
        let count = min(piece.count - position.offset, 2048 * Self.blockSize)
        plan.segments[0] = unsafe TransferSegment(address: piece.bytes.baseAddress! + position.offset, count: count)
        plan.count = 1
        plan.blocks = count / Self.blockSize
        position.offset += count
    }

    /// Sends `command`, which reads, and moves its data to `buffer`.
    func receive(_ command: SDCommand, into buffer: inout MutableRawSpan) throws(CardFailure) {
        guard case .read(_, let size) = command.data else { return }
        try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(CardFailure) in
            try unsafe receive(command, blockSize: size, to: bytes.baseAddress!, count: bytes.count)
        }
    }

    /// Sends `command`, which reads blocks, and moves the plan's data.
    func receivePlan(_ command: SDCommand) throws(CardFailure) {
        // A plan made for descriptors may have several runs; it is done anew as one command.
        try sendChecked(command)
        do throws(CardFailure) {
            for index in 0..<plan.count {
                let segment = plan.segments[index]
                for offset in stride(from: 0, to: segment.count, by: Self.blockSize) {
                    try unsafe receiveBlock(segment.address! + offset, Self.blockSize)
                    rest(after: offset / Self.blockSize)
                }
            }
            try completeTransfer(command)
        } catch {
            try resetLines()
            throw error
        }
    }

    private func receive(
        _ command: SDCommand, blockSize: Int, to address: UnsafeMutableRawPointer, count: Int
    ) throws(CardFailure) {
        try sendChecked(command)
        do throws(CardFailure) {
            for offset in stride(from: 0, to: count, by: blockSize) {
                try unsafe receiveBlock(address + offset, blockSize)
            }
            try completeTransfer(command)
        } catch {
            try resetLines()
            throw error
        }
    }

    private func receiveBlock(_ address: UnsafeMutableRawPointer, _ size: Int) throws(CardFailure) {
        try awaitStatus(.bufferReadReady, for: readTimeout.patience, "SDHCI INTERRUPT buffer read ready")
        // Cleared before the port is read: the controller sets it again as soon as the next block is there.
        bus.write(HostStatus.bufferReadReady, to: HostRegister.status)
        for offset in stride(from: 0, to: size, by: 4) {
            unsafe address.storeBytes(of: bus.read(HostRegister.data), toByteOffset: offset, as: UInt32.self)
        }
    }

    /// Sends `command`, which writes blocks, and moves the plan's data. `touched` grows to the number of blocks of which the card may have
    /// got any part.
    func transmitPlan(_ command: SDCommand, touched: inout Int) throws(CardFailure) {
        try sendChecked(command)
        do throws(CardFailure) {
            var block = 0
            for index in 0..<plan.count {
                let segment = plan.segments[index]
                for offset in stride(from: 0, to: segment.count, by: Self.blockSize) {
                    block += 1
                    try awaitStatus(
                        .bufferWriteReady, for: busyTimeout.patience, "SDHCI INTERRUPT buffer write ready")
                    bus.write(HostStatus.bufferWriteReady, to: HostRegister.status)
                    touched = max(touched, block)
                    unsafe transmitBlock(segment.address! + offset)
                    rest(after: block)
                }
            }
            try completeTransfer(command)
        } catch {
            try resetLines()
            throw error
        }
    }

    private func transmitBlock(_ address: UnsafeMutableRawPointer) {
        for offset in stride(from: 0, to: Self.blockSize, by: 4) {
            bus.write(unsafe address.loadUnaligned(fromByteOffset: offset, as: UInt32.self), to: HostRegister.data)
        }
    }

    /// Lets other tasks run now and then: a card that always has the next block would keep them waiting for the whole transfer. The
    /// controller stops the card's clock meanwhile.
    private func rest(after block: Int) {
        if block % 16 == 15 { time.wait(for: .microseconds(10)) }
    }

    /// Waits for the end of a transfer, and throws the errors that the card reports in its response to the controller's
    /// own CMD12: they are told once, there, and no later status repeats them.
    func completeTransfer(_ command: SDCommand) throws(CardFailure) {
        let timeout = command.mayBeBusy ? busyTimeout : readTimeout
        try awaitStatus(.transferComplete, for: timeout.patience, "SDHCI INTERRUPT transfer complete")
        try checkStop(command)
    }

    /// Throws the errors in the card's response to the controller's own CMD12, where `command` ended by one.
    func checkStop(_ command: SDCommand) throws(CardFailure) {
        if !command.stopsItself { return }
        let status = CardStatus(rawValue: bus.read(HostRegister.autoStopResponse))
        // A card that reads ahead has run past its last block, and may say so though nobody asked for more (4.3.3).
        let isRead = if case .read = command.data { true } else { false }
        let errors = isRead ? status.errors & ~CardStatus.outOfRange : status.errors
        if errors != 0 { throw .status(status) }
    }
}
