import FuzzSupport
import Storage

private let paths = [
    "/new", "/EMPTY", "/a long name of a file.txt", "/sub", "/sub/new file with a long name", "/sub/sub", "/dir",
    "/dir/inner", "/SUB/nested name", "/dir/inner/deep", "/x/y", "/sub/nested name/deep.txt", "/dir/a.b", "/.hidden",
    "/name that is so long that its entries lie in two blocks " + String(repeating: "n", count: 180), "/",
]

/// Lays the patches of `input` over `image`, mounts it and does what the rest of `input` says, at most 64 things. Whatever the
/// image holds, nothing traps; and when nothing was patched, it is as whole afterwards as it was.
func change(_ image: PatchedImage, _ input: Slice<UnsafeBufferPointer<UInt8>>) {
    guard let count = input.first else { return }
    let rest = input.dropFirst()
    image.apply(rest.prefix(Int(count)))
    defer { image.restore() }
    let isWhole = count == 0
    if isWhole {
        expectWhole(image)
    }
    do {
        let volume = try FATVolume(image)
        perform(rest.dropFirst(Int(count)), on: volume)
        attempt { () throws(FileError) in try volume.unmount() }
    } catch {
        _ = error.description
    }
    if isWhole { expectWhole(image) } else { attempt { () throws(FileError) in _ = try FATCheck(image) } }
}

private func expectWhole(_ image: PatchedImage) {
    do {
        let check = try FATCheck(image)
        precondition(check.problems.isEmpty && check.excessClusters + check.orphanPieces == 0, "\(check.problems)")
    } catch {
        preconditionFailure(error.description)
    }
}

/// Four bytes an operation: what, two paths, a size.
private func perform(_ input: Slice<UnsafeBufferPointer<UInt8>>, on volume: FATVolume) {
    var rest = input
    var open: [File] = []
    for _ in 0..<64 {
        guard let what = rest.popFirst(), let first = rest.popFirst(), let second = rest.popFirst(),
            let size = rest.popFirst()
        else { break }
        let (path, other) = (paths[Int(first) % paths.count], paths[Int(second) % paths.count])
        let content = [UInt8](repeating: second, count: Int(size) * 37)
        attempt { () throws(FileError) in
            switch what % 10 {
            case 0: try volume.open(path, .create).write(content)
            case 1: try volume.open(path, [.create, .append]).write(content)
            case 2: try volume.open(path, .write).truncate(to: UInt64(size) * 41)
            case 3: try volume.rename(path, to: other)
            case 4: try volume.remove(path)
            case 5: try volume.makeDirectory(path)
            case 6: try volume.removeDirectory(path)
            case 7: if open.count < 8 { open.append(try volume.open(path, .create)) }
            case 8: if let file = open.last { try file.write(at: UInt64(second) * 97, from: content.span.bytes) }
            default: if size & 1 == 0 { open.removeAll() } else { try volume.synchronize() }
            }
        }
    }
}
