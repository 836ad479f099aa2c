import Interfaces
import USB

/// Commands, and what is done when they fail. Bulk-Only Transport, 5 and 6.
extension USBStorage {
    /// Attempts at a command that fails for a reason which may pass.
    private static var attempts: Int { 3 }
    /// How long a disk may take for a stage of a command: some have to spin up.
    private static var limit: Interval { .seconds(10) }

    /// Performs `command`; its data lies in the driver's memory. Tries again after what passes: a disk that was just plugged in tells so
    /// once, and one that got out of step is reset.
    /// - Returns: bytes of data moved.
    @discardableResult
    func perform(_ command: SCSICommand, on unit: Unit) throws(StorageFailure) -> Int {
        for attempt in 1... {
            do throws(StorageFailure) {
                return try attemptOnce(command, on: unit)
            } catch {
                guard attempt < Self.attempts, unit.device.isPresent else { throw error }
                switch error {
                case .sense(6, _, _): break
                case .sense, .bus(.disconnected): throw error
                case .bus, .confused: recover(unit)
                }
                retries &+= 1
            }
        }
        throw .confused
    }

    private func attemptOnce(_ command: SCSICommand, on unit: Unit) throws(StorageFailure) -> Int {
        let (status, moved) = try exchange(command, on: unit)
        if status == 0 { return moved }
        guard status == 1 else { throw .confused }
        // The data of the command is lost to that of the question; nobody needs it.
        let (answer, count) = try exchange(.requestSense, on: unit)
        guard answer == 0, count >= 14 else { throw .confused }
        throw unsafe .sense(
            memory.bytes[StorageLayout.data.lowerBound + 2] & 15, memory.bytes[StorageLayout.data.lowerBound + 12],
            memory.bytes[StorageLayout.data.lowerBound + 13])
    }

    /// One command, its data, its status.
    private func exchange(_ command: SCSICommand, on unit: Unit) throws(StorageFailure) -> (status: UInt8, moved: Int) {
        let number = unit.number
        unit.number &+= 1
        writeWrapper(command, number)
        // Orders the command, and data to write, before the registers that let the controller read them.
        memory.clean(StorageLayout.command)
        if !command.isIn { memory.clean(StorageLayout.data.prefix(command.count)) }
        do throws(USBError) {
            _ = try move(unit, isIn: false, at: StorageLayout.command.lowerBound, 31)
            var moved = 0
            if command.count > 0 { moved = try moveData(command, on: unit) }
            let count = try readStatus(unit)
            guard count == 13, word(0) == Self.statusSignature, word(4) == number else {
                throw USBError.invalid("command status")
            }
            return (unsafe memory.bytes[StorageLayout.status.lowerBound + 12], moved)
        } catch {
            if case .invalid = error { throw .confused }
            throw .bus(error)
        }
    }

    /// The data stage. A disk that has less halts the endpoint, and says more in its status.
    private func moveData(_ command: SCSICommand, on unit: Unit) throws(USBError) -> Int {
        let area = StorageLayout.data.lowerBound
        do throws(USBError) {
            if !command.isIn { return try move(unit, isIn: false, at: area, command.count) }
            let size = unit.input.packetSize
            let room = (command.count + size - 1) / size * size
            // Nothing dirty is left that could be written over what the controller writes; afterwards, nothing fetched early.
            memory.invalidate(area..<area + room)
            let count = try move(unit, isIn: true, at: area, room)
            memory.invalidate(area..<area + room)
            return min(count, command.count)
        } catch {
            guard error == .stalled else { throw error }
            try clear(unit, isIn: command.isIn)
            return 0
        }
    }

    /// Reads the status into the driver's memory.
    /// - Returns: its length, which ought to be 13.
    private func readStatus(_ unit: Unit) throws(USBError) -> Int {
        let area = StorageLayout.status.lowerBound
        let size = unit.input.packetSize
        for _ in 0..<2 {
            memory.invalidate(area..<area + size)
            do throws(USBError) {
                let count = try move(unit, isIn: true, at: area, size)
                memory.invalidate(area..<area + size)
                return count
            } catch {
                guard error == .stalled else { throw error }
                try clear(unit, isIn: true)
            }
        }
        throw .stalled
    }

    /// Moves `count` bytes and waits for the end.
    private func move(_ unit: Unit, isIn: Bool, at offset: Int, _ count: Int) throws(USBError) -> Int {
        let pipe = isIn ? unit.inputPipe : unit.outputPipe
        try unit.controller.submit(pipe, at: memory.physicalAddress + UInt64(offset), count: count, tag: 0)
        let deadline = unit.controller.now + Self.limit
        while true {
            if let end = unit.controller.nextCompletion(of: pipe) {
                if let error = end.error { throw error }
                return end.count
            }
            guard unit.device.isPresent else { throw .disconnected }
            guard unit.controller.now < deadline else { throw .timeout("disk") }
            if unit.controller.arm(pipe) {
                // Not for ever: a disk that is pulled out ends nothing.
                let next = min(unit.controller.nextLook(at: pipe), unit.controller.now + .milliseconds(100))
                event.wait(until: min(deadline, next))
            }
        }
    }

    private func clear(_ unit: Unit, isIn: Bool) throws(USBError) {
        try unit.device.clearHalt(isIn ? unit.input : unit.output)
        unit.controller.clear(isIn ? unit.inputPipe : unit.outputPipe)
    }

    /// Gets a disk that is out of step back to where it waits for a command. Bulk-Only Transport, 5.3.4.
    private func recover(_ unit: Unit) {
        try? unit.device.request(0x21, 0xFF, index: UInt16(unit.interface))
        try? clear(unit, isIn: true)
        try? clear(unit, isIn: false)
    }

    // MARK: - Wrappers

    private static var commandSignature: UInt32 { 0x4342_5355 }
    private static var statusSignature: UInt32 { 0x5342_5355 }

    private func writeWrapper(_ command: SCSICommand, _ number: UInt32) {
        let words: [4 of UInt32] = [
            Self.commandSignature, number, UInt32(command.count),
            // Direction in bit 7, unit 0, the command's length.
            (command.isIn ? 0x80 : 0) | UInt32(command.bytes.count) << 16,
        ]
        for index in 0..<4 {
            unsafe memory.bytes.storeBytes(of: words[index].littleEndian, toByteOffset: 4 * index, as: UInt32.self)
        }
        for index in 0..<16 {
            unsafe memory.bytes[15 + index] = index < command.bytes.count ? command.bytes[index] : 0
        }
    }

    /// The word at `offset` of the status.
    private func word(_ offset: Int) -> UInt32 {
        unsafe UInt32(
            littleEndian: memory.bytes.load(fromByteOffset: StorageLayout.status.lowerBound + offset, as: UInt32.self))
    }
}
