import Interfaces

/// Blocks on the DAT lines.
extension SDCardModel {
    /// The next block of `size` bytes that the card sends, or what goes wrong with it.
    func nextBlock(size: Int, clock: UInt32) -> Result<[UInt8], TransferFault> {
        guard state == .sending else { return .failure(.timeout) }
        if let special {
            state = .transfer
            let isClean = clock <= cleanRate
            if let pendingFunction { function = pendingFunction }
            pendingFunction = nil
            return isClean ? .success(Array(special.prefix(size))) : .failure(.checksum)
        }
        if clock > cleanRate { return .failure(.checksum) }
        if position >= blockCount {
            statusErrors |= 1 << 31
            return .failure(.timeout)
        }
        let block = position
        if let fault = takeFault(block) { return .failure(fault) }
        position += 1
        countAnnounced()
        return .success(content(block))
    }

    private var cleanRate: UInt32 { min(cleanUpTo, isAt1V8 ? cleanUpToByFunction[function] ?? .max : .max) }

    /// A transfer whose blocks were announced ends by itself.
    private func countAnnounced() {
        guard let left = announced else { return }
        announced = left - 1
        guard left == 1 else { return }
        announced = nil
        state = state == .sending ? .transfer : .programming
    }

    /// Takes a block; nil when it was taken.
    func take(_ data: [UInt8], clock: UInt32, at now: Instant) -> TransferFault? {
        guard state == .receiving else { return .timeout }
        if clock > cleanRate { return .checksum }
        let block = position
        if let fault = takeFault(block) { return fault }
        blocks[block] = data
        written.append(block)
        position += 1
        countAnnounced()
        busyUntil = getsStuckBusy ? .never : now + (stalls.removeValue(forKey: block) ?? programmingTime)
        return nil
    }

    /// A transfer of one block is over.
    func endSingleBlock() {
        if state == .sending { state = .transfer }
        if state == .receiving { state = .programming }
    }

    /// A block was on the lines that the other side did not understand.
    func loseBlock(isLast: Bool) {
        if special != nil {
            _ = nextBlock(size: 0, clock: 0)
        } else if isLast {
            state = .transfer
        }
    }

    func setErase(_ index: UInt32, _ argument: UInt32) -> Answer {
        guard canErase, let block = block(of: argument) else { return illegal() }
        if block >= blockCount { return failing(1 << 31) }
        if index == 32 { eraseRange.0 = block } else { eraseRange.1 = block }
        return status()
    }

    func erase(at now: Instant) -> Answer {
        guard canErase, eraseRange.0 <= eraseRange.1 else { return failing(1 << 27) }
        let answer = status()
        let first = eraseRange.0 / eraseUnit * eraseUnit
        let end = (eraseRange.1 / eraseUnit + 1) * eraseUnit
        for block in first..<end { blocks[block] = Array(repeating: 0, count: 512) }
        if isDamagedBySmallErases, end - first < 64 {
            wasDamaged = true
            for block in first / 64 * 64..<first { blocks[block] = Array(repeating: 0xFF, count: 512) }
        }
        program(at: now)
        return answer
    }

    private func takeFault(_ block: UInt64) -> TransferFault? {
        guard let fault = faults[block]?.first else { return nil }
        faults[block]?.removeFirst()
        switch fault {
        case .checksum: return .checksum
        case .timeout: return .timeout
        case .status(let bit):
            statusErrors |= bit
            return nil
        }
    }

    /// What a host notices of a fault.
    enum TransferFault: Error {
        case checksum
        case timeout
    }
}
