import Interfaces
import USB

/// Taking disks and letting go of them.
extension USBStorage {
    /// How long a disk may say that it is not ready yet.
    private static var readyLimit: Interval { .seconds(3) }

    /// Takes a disk: see `USBClassDriver`.
    public func attach(_ device: USBDevice) throws(USBError) -> Bool {
        guard unit == nil else { return false }
        let found = device.firstConfiguration { configuration -> InterfaceDescriptor? in
            // Mass storage, SCSI, bulk-only.
            configuration.interfaces.first { $0.interfaceClass == 8 && $0.subclass == 6 && $0.protocol == 0x50 }
        }
        guard let found, let input = found.use.endpoint(.bulk, isIn: true),
            let output = found.use.endpoint(.bulk, isIn: false)
        else { return false }
        // Whole packets have to fill the memory. USB 2.0, 5.8.3.
        guard [input, output].allSatisfy({ [8, 16, 32, 64, 512].contains($0.packetSize) }) else {
            throw .invalid("wMaxPacketSize")
        }
        try device.configure(found.configuration)
        let controller = device.controller
        let inputPipe = try controller.openPipe(input, of: device.target) { [event] in event.raise() }
        let outputPipe: USBPipe
        do throws(USBError) {
            outputPipe = try controller.openPipe(output, of: device.target) { [event] in event.raise() }
        } catch {
            controller.closePipe(inputPipe)
            throw error
        }
        let candidate = Unit(
            device, interface: found.use.number, input: input, output: output, inputPipe: inputPipe,
            outputPipe: outputPipe)
        do throws(StorageFailure) {
            try identify(candidate)
            unit = candidate
            return true
        } catch {
            close(candidate)
            switch error {
            case .bus(let cause): throw cause
            case .sense(2, _, _): throw .unsupported("a drive without a medium")
            case .sense, .confused: throw .invalid("disk")
            }
        }
    }

    /// Lets go of a disk: see `USBClassDriver`.
    public func detach(_ device: USBDevice) {
        guard let unit, unit.device === device else { return }
        self.unit = nil
        close(unit)
        // Whoever waits for the disk looks again.
        event.raise()
    }

    /// Nothing: a disk says nothing unasked.
    public func service(_ device: USBDevice) -> Instant { .never }

    private func close(_ unit: Unit) {
        unit.controller.closePipe(unit.inputPipe)
        unit.controller.closePipe(unit.outputPipe)
    }

    /// Waits until the disk is ready, and asks for its size.
    private func identify(_ unit: Unit) throws(StorageFailure) {
        try perform(.inquiry, on: unit)
        // Peripheral qualifier and type: a unit that is there, with blocks. SPC-4, 6.4.2.
        let kind = number(0, 1)
        guard kind >> 5 == 0, Self.kinds.contains(UInt8(kind & 0x1F)) else {
            throw .bus(.unsupported("a drive that is no disk"))
        }
        try awaitReady(unit)
        try perform(.readCapacity, on: unit)
        var last = UInt64(number(0, 4))
        var size = Int(number(4, 4))
        if last == UInt64(UInt32.max) {
            try perform(.readCapacity16, on: unit)
            last = number(0, 8)
            size = Int(number(8, 4))
        }
        guard [512, 1024, 2048, 4096].contains(size), last < .max else { throw .confused }
        // A disk that does not know the question can be written to.
        let isProtected = (try? perform(.modeSense, on: unit)).map { $0 >= 3 && number(2, 1) & 0x80 != 0 } ?? false
        unit.geometry = BlockGeometry(
            blockSize: size, blockCount: last + 1, isReadOnly: isProtected || kind == Self.opticalKind)
    }

    /// Disks, optical discs, optical memories, and disks with few commands.
    private static var kinds: [UInt8] { [0x00, UInt8(opticalKind), 0x07, 0x0E] }
    private static var opticalKind: UInt64 { 0x05 }

    private func awaitReady(_ unit: Unit) throws(StorageFailure) {
        let deadline = unit.controller.now + Self.readyLimit
        var isStarted = false
        while true {
            do throws(StorageFailure) {
                try perform(.testUnitReady, on: unit)
                return
            } catch {
                // Not ready, and not for want of a medium: it becomes so.
                guard case .sense(2, let code, let qualifier) = error, code != 0x3A,
                    unit.controller.now < deadline
                else { throw error }
                // "Initializing command required": it waits to be told.
                if code == 0x04, qualifier == 0x02, !isStarted {
                    isStarted = true
                    _ = try? perform(.start, on: unit)
                }
                unit.controller.wait(for: .milliseconds(100))
            }
        }
    }

    /// The big-endian number of `count` bytes at `offset` of the data.
    private func number(_ offset: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<count {
            unsafe value = value << 8 | UInt64(memory.bytes[StorageLayout.data.lowerBound + offset + index])
        }
        return value
    }
}
