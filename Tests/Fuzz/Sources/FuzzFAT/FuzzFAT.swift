import FuzzSupport
import Storage

nonisolated(unsafe) private let volumes = [VolumeTemplate.fat12, VolumeTemplate.fat16, VolumeTemplate.fat32].map(
    \.image)

nonisolated(unsafe) private let writableVolumes = [VolumeTemplate.fat12, VolumeTemplate.fat16, VolumeTemplate.fat32]
    .map(\.writableImage)

/// The first byte chooses the template, and whether it is written to. Then come patches or, where it is, a byte that says how many
/// bytes of patches there are, these, and operations.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = UnsafeBufferPointer(start: data, count: size)
    guard let choice = input.first else { return 0 }
    if choice >= 128 {
        change(writableVolumes[Int(choice) % 3], input.dropFirst())
        return 0
    }
    let image = volumes[Int(choice) % 3]
    image.apply(input.dropFirst())
    defer { image.restore() }
    do {
        let volume = try FATVolume(image)
        attempt { () throws(FileError) in _ = try volume.label() }
        attempt { () throws(FileError) in
            let free = try volume.freeClusterCount()
            precondition(free <= volume.clusterCount)
        }
        for path in ["/sub/../SUB/nested name/deep.txt", "/a long name of a file.txt", "/sub/sub", "EMPTY"] {
            attempt { () throws(FileError) in _ = try volume.contents(of: path, limit: 1 << 16) }
        }
        var budget = 300
        walk(volume, "", 0, &budget)
    } catch {
        _ = error.description
    }
    return 0
}

func attempt(_ body: () throws(FileError) -> Void) {
    do {
        try body()
    } catch {
        _ = error.description
    }
}

/// Visits every entry below `path` as far as the budget goes, and looks each up again by its path.
private func walk(_ volume: FATVolume, _ path: String, _ depth: Int, _ budget: inout Int) {
    var entries: [DirectoryEntry] = []
    var left = budget
    attempt { () throws(FileError) in
        var reader = try volume.directory(path)
        while left > 0, let entry = try reader.next() {
            left -= 1
            precondition(!entry.name.isEmpty && !entry.name.utf8.contains(0x2F))
            entries.append(entry)
        }
    }
    budget = left
    for entry in entries {
        let name = path + "/" + entry.name
        _ = (entry.modified?.description, entry.created?.description, entry.accessed?.description)
        if entry.isDirectory {
            if depth < 6 { walk(volume, name, depth + 1, &budget) }
        } else {
            attempt { () throws(FileError) in try read(volume, name) }
        }
    }
}

/// Reads a file here and there, forwards and backwards.
private func read(_ volume: FATVolume, _ path: String) throws(FileError) {
    let file = try volume.open(path)
    var bytes = [UInt8](repeating: 0, count: 1500)
    for offset in [0, file.size / 2, file.size &- 1, 700, file.size / 3] {
        let count = try file.read(at: offset, into: &bytes)
        precondition(count <= bytes.count && (offset >= file.size) == (count == 0))
    }
}
