// How a disk works. Its class carries SCSI commands: a wrapper of 31 bytes with the command goes out, data goes one way or the other, a status of
// 13 bytes comes in ("Universal Serial Bus Mass Storage Class, Bulk-Only Transport", 1.0). One command at a time.
import Interfaces
import USB

/// A disk, stick or card reader on USB: a block device.
///
/// The bus gives it disks. `open` says that the caller means the one that is plugged in now; once that has gone, every call throws `.absent` until
/// the next `open`, whatever is plugged in meanwhile. One call at a time: waits let other tasks run, and a second call meanwhile traps.
/// What is moved is copied through memory of the driver's, 32 KiB at a time.
public final class USBStorage<Memory: DMAMemory, Event: InterruptEvent>: BlockDevice, USBClassDriver {
    let memory: Memory
    let event: Event
    /// The disk that is plugged in, ready.
    var unit: Unit?
    /// The disk that `open` meant.
    private var opened: Unit?
    var isBusy = false
    /// Commands that were tried again.
    public internal(set) var retries: UInt64 = 0

    /// A word for people.
    public var name: StaticString { "storage" }

    /// A place for a disk.
    ///
    /// - Parameters:
    ///   - memory: `StorageLayout.size` bytes that the controller reaches, from the start of a cache line. Nobody else's.
    ///   - event: raised by the controller's interrupt handler.
    public init(memory: Memory, event: Event) {
        precondition(memory.physicalAddress & 63 == 0, "USBStorage: the memory begins on a cache line")
        self.memory = memory
        self.event = event
        // Whoever made the memory may have left lines dirty, which would be written over what the controller puts there.
        memory.clean(0..<StorageLayout.size)
    }

    /// Whether a disk is plugged in and ready.
    public var isPresent: Bool { unit != nil }

    /// Means the disk that is plugged in now.
    /// - Throws: `.absent`.
    public func open() throws(BlockError) {
        guard let unit else { throw BlockError(.absent) }
        opened = unit
    }

    // MARK: - BlockDevice

    /// The disk that was opened; no blocks without one.
    public var geometry: BlockGeometry {
        guard let unit, unit === opened else { return BlockGeometry(blockCount: 0, isReadOnly: true) }
        return unit.geometry
    }

    /// Reads blocks: see `BlockDevice`.
    public func read(_ first: UInt64, into buffer: inout MutableRawSpan) throws(BlockError) {
        let unit = try begin(first, buffer.byteCount)
        defer { isBusy = false }
        var done = 0
        while done < buffer.byteCount {
            let count = min(StorageLayout.data.count, buffer.byteCount - done)
            let block = first + UInt64(done / unit.geometry.blockSize)
            let command = SCSICommand.read(block, count / unit.geometry.blockSize, count)
            do throws(StorageFailure) {
                try perform(command, on: unit)
            } catch { throw BlockError(error.cause) }
            unsafe buffer.withUnsafeMutableBytes { target in
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[done..<done + count]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: memory.bytes[StorageLayout.data.prefix(count)]))
            }
            done += count
        }
    }

    /// Writes blocks: see `BlockDevice`.
    public func write(_ first: UInt64, from buffer: RawSpan) throws(BlockError) {
        let unit = try begin(first, buffer.byteCount)
        defer { isBusy = false }
        if unit.geometry.isReadOnly { throw BlockError(.readOnly) }
        var done = 0
        while done < buffer.byteCount {
            let count = min(StorageLayout.data.count, buffer.byteCount - done)
            let blocks = count / unit.geometry.blockSize
            let block = first + UInt64(done / unit.geometry.blockSize)
            unsafe buffer.withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(rebasing: memory.bytes[StorageLayout.data]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[done..<done + count]))
            }
            do throws(StorageFailure) {
                try perform(.write(block, blocks, count), on: unit)
            } catch {
                throw BlockError(error.cause, unknown: block..<block + UInt64(blocks))
            }
            done += count
        }
    }

    /// Lets the disk write what it holds back: SYNCHRONIZE CACHE. A disk that does not know it holds nothing back.
    public func flush() throws(BlockError) {
        let unit = try begin(0, 0)
        defer { isBusy = false }
        do throws(StorageFailure) {
            try perform(.synchronizeCache, on: unit)
        } catch {
            if case .sense(5, _, _) = error { return }
            throw BlockError(error.cause)
        }
    }

    /// Does nothing: sticks that know UNMAP are rare.
    public func discard(_ blocks: Range<UInt64>) throws(BlockError) {
        _ = try begin(0, 0)
        isBusy = false
    }

    /// Checks a request and marks the device as being in use.
    private func begin(_ first: UInt64, _ bytes: Int) throws(BlockError) -> Unit {
        precondition(!isBusy, "USBStorage: one call at a time; tasks that share a disk need a queue")
        guard let unit, unit === opened else { throw BlockError(.absent) }
        let size = unit.geometry.blockSize
        let blocks = UInt64(bytes / size)
        guard bytes % size == 0, first <= unit.geometry.blockCount, blocks <= unit.geometry.blockCount - first else {
            throw BlockError(.outOfRange)
        }
        isBusy = true
        return unit
    }
}
