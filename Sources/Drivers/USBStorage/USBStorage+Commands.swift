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
    /// - Returns: bytes of data that count: they were moved, and the disk says that it meant them. Never fewer than the command's least, which for
    ///   one that moves blocks is all.
    @discardableResult
    func perform(_ command: SCSICommand, on unit: Unit) throws(StorageFailure) -> Int {
        for attempt in 1... {
            do throws(StorageFailure) {
                if unit.isOutOfStep { try recover(unit) }
                return try attemptOnce(command, on: unit)
            } catch {
                guard unit.device.isPresent else { throw .bus(.disconnected) }
                switch error {
                case .sense(6, _, _): break
                case .sense, .bus(.disconnected): throw error
                // Whether or not there is another attempt: what is left in the pipes belongs to nobody any more.
                case .bus, .confused: takeBack(unit)
                }
                guard attempt < Self.attempts else { throw error }
                retries &+= 1
            }
        }
        throw .confused
    }

    private func attemptOnce(_ command: SCSICommand, on unit: Unit) throws(StorageFailure) -> Int {
        let (status, moved) = try exchange(command, on: unit)
        if status == 0 {
            guard moved >= command.least else { throw .confused }
            return moved
        }
        // 2: the disk has lost its place. Others are none.
        guard status == 1 else { throw .confused }
        // The data of the command is lost to that of the question; nobody needs it.
        let (answer, count) = try exchange(.requestSense, on: unit)
        // In the form with fixed places, which is the one that was asked for. SPC-4, 4.5.3.
        guard answer == 0, count >= 3, [0x70, 0x71].contains(data(0) & 0x7F) else { throw .confused }
        throw .sense(data(2) & 15, count > 12 ? data(12) : 0, count > 13 ? data(13) : 0)
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
            let sent = try move(unit, isIn: false, at: StorageLayout.command.lowerBound, 31)
            if let error = sent.error { throw error }
            var moved = 0
            if command.count > 0 { moved = try moveData(command, on: unit) }
            // A disk that leaves out the data tells its status at once.
            if command.isIn, moved == StatusWrapper.length,
                let status = status(at: StorageLayout.data.lowerBound, number)
            {
                return (status.status, 0)
            }
            guard try readStatus(unit) == StatusWrapper.length,
                let status = status(at: StorageLayout.status.lowerBound, number)
            else { throw USBError.invalid("command status") }
            return (status.status, unit.meant(moved, of: command, status))
        } catch {
            if case .invalid = error { throw .confused }
            throw .bus(error)
        }
    }

    /// The data stage. A disk that has less ends it with a short packet or halts the endpoint, and says more in its status.
    /// - Returns: bytes moved.
    private func moveData(_ command: SCSICommand, on unit: Unit) throws(USBError) -> Int {
        let area = StorageLayout.data.lowerBound
        var end: (count: Int, error: USBError?)
        if command.isIn {
            let size = unit.input.packetSize
            let room = (command.count + size - 1) / size * size
            // Nothing dirty is left that could be written over what the controller writes; afterwards, nothing fetched early.
            memory.invalidate(area..<area + room)
            end = try move(unit, isIn: true, at: area, room)
            memory.invalidate(area..<area + room)
        } else {
            end = try move(unit, isIn: false, at: area, command.count)
        }
        if let error = end.error {
            guard error == .stalled else { throw error }
            try clear(unit, isIn: command.isIn)
        }
        return min(end.count, command.count)
    }

    /// Reads the status into the driver's memory.
    /// - Returns: its length, which ought to be 13.
    private func readStatus(_ unit: Unit) throws(USBError) -> Int {
        let area = StorageLayout.status.lowerBound
        let size = unit.input.packetSize
        for _ in 0..<3 {
            memory.invalidate(area..<area + size)
            let end = try move(unit, isIn: true, at: area, size)
            memory.invalidate(area..<area + size)
            if let error = end.error {
                guard error == .stalled else { throw error }
                try clear(unit, isIn: true)
                continue
            }
            // Some disks end their data with an empty packet where none belongs.
            if end.count > 0 { return end.count }
        }
        throw .invalid("command status")
    }

    /// Moves `count` bytes and waits for the end.
    private func move(
        _ unit: Unit, isIn: Bool, at offset: Int, _ count: Int
    ) throws(USBError) -> (count: Int, error: USBError?) {
        let pipe = isIn ? unit.inputPipe : unit.outputPipe
        let controller = unit.controller
        guard unit.device.isPresent else { throw .disconnected }
        try controller.submit(pipe, at: memory.physicalAddress + UInt64(offset), count: count, tag: 0)
        let deadline = controller.now + Self.limit
        while true {
            guard unit.device.isPresent else { throw .disconnected }
            if let end = controller.nextCompletion(of: pipe) { return (end.count, end.error) }
            guard controller.now < deadline else { throw .timeout("disk") }
            if controller.arm(pipe) {
                // Not for ever: a disk that is pulled out ends nothing.
                let next = min(controller.nextLook(at: pipe), controller.now + .milliseconds(100))
                event.wait(until: min(deadline, next))
            }
            controller.revive(pipe)
        }
    }

    private func clear(_ unit: Unit, isIn: Bool) throws(USBError) {
        try unit.device.clearHalt(isIn ? unit.input : unit.output)
        unit.controller.clear(isIn ? unit.inputPipe : unit.outputPipe)
    }

    // MARK: - Recovery

    /// Takes back what is left in the pipes: an answer that comes late would be taken for the next command's.
    private func takeBack(_ unit: Unit) {
        unit.isOutOfStep = true
        unit.controller.cancel(unit.inputPipe)
        unit.controller.cancel(unit.outputPipe)
    }

    /// Gets a disk that is out of step back to where it waits for a command. Bulk-Only Transport, 5.3.4.
    private func recover(_ unit: Unit) throws(StorageFailure) {
        do throws(USBError) {
            try unit.device.request(0x21, 0xFF, index: UInt16(unit.interface))
            try clear(unit, isIn: true)
            try clear(unit, isIn: false)
        } catch { throw .bus(error) }
        unit.isOutOfStep = false
    }

    // MARK: - Wrappers

    private static var commandSignature: UInt32 { 0x4342_5355 }

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

    /// The status of command `number` at `offset` of the memory; nil when there is none.
    private func status(at offset: Int, _ number: UInt32) -> StatusWrapper? {
        func word(_ place: Int) -> UInt32 {
            unsafe UInt32(littleEndian: memory.bytes.loadUnaligned(fromByteOffset: offset + place, as: UInt32.self))
        }
        guard word(0) == StatusWrapper.signature, word(4) == number else { return nil }
        return StatusWrapper(residue: word(8), status: unsafe memory.bytes[offset + 12])
    }

    /// Byte `index` of the data.
    private func data(_ index: Int) -> UInt8 { unsafe memory.bytes[StorageLayout.data.lowerBound + index] }
}
