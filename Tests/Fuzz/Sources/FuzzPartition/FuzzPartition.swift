import FuzzSupport
import Storage

nonisolated(unsafe) private let tables = [TableTemplates.masterBootRecord, TableTemplates.guidPartitionTable]

/// The first byte chooses the table (bit 0) and whether a GPT's checksums are made right afterwards (bit 1), which lets
/// changes get past them; the rest is patches.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = UnsafeBufferPointer(start: data, count: size)
    guard let choice = input.first else { return 0 }
    let image = tables[Int(choice & 1)]
    image.apply(input.dropFirst())
    if choice & 2 != 0 { TableTemplates.repair(image) }
    defer { image.restore() }
    do {
        let table = try PartitionTable(image)
        _ = table.defect?.description
        precondition(table.entries.count <= 1024)
        for entry in table.entries {
            precondition(!entry.blocks.isEmpty)
            _ = (entry.name, entry.kind.suggestsFAT, entry.identifier.description)
            mount(image, entry)
        }
    } catch {
        _ = error.description
    }
    return 0
}

private func mount(_ image: PatchedImage, _ entry: PartitionEntry) {
    do {
        let partition = try Partition(image, entry)
        precondition(partition.blocks.upperBound <= image.geometry.blockCount)
        _ = try FATVolume(partition)
    } catch let error as PartitionError {
        _ = error.description
    } catch {
    }
}
