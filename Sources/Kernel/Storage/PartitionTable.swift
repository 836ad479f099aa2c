import Interfaces

/// How a block device is divided.
///
/// Read from a device that may hold anything: the work is bounded, every number is checked, and what is wrong has a name.
public struct PartitionTable: Sendable {
    /// The kind of table found.
    public enum Scheme: Sendable {
        /// None: a FAT file system starts at block 0 and takes the whole device.
        case none
        /// A master boot record, with logical partitions if there are any.
        case mbr
        /// A GUID partition table.
        case gpt
    }

    /// The kind of table found.
    public let scheme: Scheme
    /// The partitions in the order of their numbers. Empty when there is no table.
    public let entries: [PartitionEntry]
    /// What is wrong, where something was found nevertheless: the primary copy of a GPT whose backup is good, or a
    /// chain of logical partitions that breaks off.
    public let defect: PartitionError?

    /// More logical partitions than any tool makes; the bound of the walk along their chain.
    static let maximumLogical = 128

    /// Reads the table of `device`.
    public init(_ device: any BlockDevice) throws(PartitionError) {
        let geometry = device.geometry
        let size = geometry.blockSize
        guard size >= 512, size <= 4096, size & (size - 1) == 0 else { throw .unsupportedBlockSize }
        guard geometry.blockCount > 0 else { throw .noSignature }
        var block = [UInt8](repeating: 0, count: size)
        try Self.read(device, 0, &block)
        let record = MasterBootRecord(block.span)
        guard record.hasSignature else { throw .noSignature }
        if record.isPlausible, record.protectsGPT {
            (entries, defect) = try Self.readGPT(device, &block)
            scheme = .gpt
        } else if !(record.isPlausible && record.hasPartitions), Self.holdsFAT(block.span) {
            (entries, defect) = ([], nil)
            scheme = .none
        } else if record.isPlausible {
            (entries, defect) = Self.readMBR(device, record, &block)
            scheme = .mbr
        } else {
            throw .noTable
        }
    }

    private static func holdsFAT(_ block: Span<UInt8>) -> Bool {
        guard block[0] == 0xEB || block[0] == 0xE9 else { return false }
        do {
            _ = try FATBootSector(block)
            return true
        } catch {
            return false
        }
    }

    /// Fills `block`, which is one block long.
    static func read(_ device: any BlockDevice, _ number: UInt64, _ block: inout [UInt8]) throws(PartitionError) {
        do {
            try block.withMutableRawSpan { (bytes) throws(BlockError) in try device.read(number, into: &bytes) }
        } catch {
            throw .device(error)
        }
    }

    // MARK: GPT

    private static func readGPT(
        _ device: any BlockDevice, _ block: inout [UInt8]
    ) throws(PartitionError) -> ([PartitionEntry], PartitionError?) {
        let last = device.geometry.blockCount - 1
        var alternate = last
        let fault: PartitionError
        do {
            return (try readCopy(device, at: 1, &block, &alternate), nil)
        } catch {
            fault = error
        }
        // The last block is where the backup belongs; a device that was enlarged has it where the primary says.
        for position in alternate == last ? [last] : [last, alternate] {
            var ignored: UInt64 = 0
            do {
                return (try readCopy(device, at: position, &block, &ignored), fault)
            } catch {
                continue
            }
        }
        if case .invalidGPT(let field) = fault { throw .invalidGPTCopies(field) }
        throw fault
    }

    /// The partitions in the copy whose header is in block `position`. `alternate` becomes what the header says about
    /// the other copy as soon as the header itself is known to be good.
    private static func readCopy(
        _ device: any BlockDevice, at position: UInt64, _ block: inout [UInt8], _ alternate: inout UInt64
    ) throws(PartitionError) -> [PartitionEntry] {
        try read(device, position, &block)
        let header = try GUIDPartitionTable(block.span, at: position, blockCount: device.geometry.blockCount)
        alternate = header.alternate
        return try header.entries(device, &block)
    }

    // MARK: MBR

    private static func readMBR(
        _ device: any BlockDevice, _ record: MasterBootRecord, _ block: inout [UInt8]
    ) -> ([PartitionEntry], PartitionError?) {
        var found: [PartitionEntry] = []
        var extended: MasterBootRecord.Entry?
        for index in 0..<4 {
            let entry = record.entries[index]
            guard entry.isUsed, entry.start != 0 else { continue }
            if entry.isExtended, extended == nil { extended = entry }
            found.append(partition(entry, number: index + 1, base: 0))
        }
        guard let extended else { return (found, nil) }
        do {
            try readLogical(device, extended, &block, &found)
            return (found, nil)
        } catch {
            return (found, error)
        }
    }

    private static func partition(
        _ entry: MasterBootRecord.Entry, number: Int, base: UInt64
    ) -> PartitionEntry {
        // Both numbers have 32 bits and so has the base: the sum fits.
        let first = base + entry.start
        return PartitionEntry(
            number: number, kind: .mbr(entry.type), blocks: first..<first + entry.count,
            isBootable: entry.status & 0x80 != 0, identifier: .zero, name: "")
    }

    /// Follows the chain of tables in `container` and appends what it finds to `found`. Each table describes one
    /// partition, relative to itself, and the next table, relative to the container.
    private static func readLogical(
        _ device: any BlockDevice, _ container: MasterBootRecord.Entry, _ block: inout [UInt8],
        _ found: inout [PartitionEntry]
    ) throws(PartitionError) {
        var position = container.start
        var visited: [UInt64] = []
        var number = 5
        while true {
            guard !visited.contains(position) else { throw .invalidExtendedChain("it comes back to itself") }
            guard visited.count < maximumLogical else { throw .invalidExtendedChain("it does not end") }
            visited.append(position)
            guard position < device.geometry.blockCount else {
                throw .invalidExtendedChain("a table lies past the end of the device")
            }
            try read(device, position, &block)
            let record = MasterBootRecord(block.span)
            guard record.isPlausible else { throw .invalidExtendedChain("a table has no signature") }
            var next: UInt64?
            for index in 0..<4 where record.entries[index].isUsed {
                let entry = record.entries[index]
                if entry.isExtended {
                    next = next ?? (container.start + entry.start)
                } else {
                    found.append(partition(entry, number: number, base: position))
                    number += 1
                }
            }
            guard let next else { return }
            position = next
        }
    }
}
