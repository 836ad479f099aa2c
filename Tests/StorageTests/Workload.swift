import Foundation
import Interfaces

@testable import Storage

/// A random sequence of operations on a volume, and what must be true of it whenever the plug is pulled.
final class Workload {
    /// What the volume holds, as far as the test knows.
    struct Contents {
        var files: [String: [UInt8]] = [:]
        var directories: Set<String> = [""]
    }

    /// A file that changed its name.
    struct Move {
        var old: String
        var new: String
        /// What it holds; nil when that was not durable.
        var content: [UInt8]?
        /// What the file held that it replaced; nil when there was none.
        var replaced: [UInt8]?
    }

    /// What was durable when the disk had seen `events` of its events, and what was done from then on.
    struct Checkpoint {
        var events: Int
        var durable: Contents
        var touched: Set<String> = []
        var moves: [Move] = []
    }

    let disk: MemoryDisk
    let volume: FATVolume
    private(set) var current: Contents
    private(set) var checkpoints: [Checkpoint]
    /// True when a name was made whose entries do not fit into a block.
    private(set) var hasVeryLongNames = false
    private var random: Seeded
    private var serial = 0
    private let allowsVeryLongNames: Bool

    /// A workload on the volume in `image`. With `startsFull` it also uses the tree of `FATDamageTests`, whose content it does not
    /// know.
    init(_ image: [UInt8], seed: UInt64, allowsVeryLongNames: Bool = false, startsFull: Bool = false) throws {
        disk = MemoryDisk(image)
        disk.events = []
        random = Seeded(seed)
        self.allowsVeryLongNames = allowsVeryLongNames
        volume = try FATVolume(disk, exclusion: Turnstile()) { FATTimestamp(secondsSince1970: 1_800_000_000) }
        current = Contents()
        if startsFull {
            current.directories.formUnion(["/in", "/in/a directory", "/in/a directory/sub"])
            for path in ["/large", "/in/large", "/in/a directory/file number 7"] { current.files[path] = [] }
        }
        checkpoints = [Checkpoint(events: 0, durable: current)]
    }

    // MARK: Operations

    /// Does something. Errors that the state explains are fine.
    func step() throws {
        switch pick(20) {
        case 0...4: try write(isNew: true)
        case 5...8: try write(isNew: false)
        case 9: try truncate()
        case 10...13: try rename()
        case 14: try renameDirectory()
        case 15, 16: try remove()
        case 17: try makeDirectory()
        case 18: try removeDirectory()
        default: try commit(synchronizes: pick(2) == 0)
        }
    }

    /// Makes everything durable.
    func commit(synchronizes: Bool) throws {
        if synchronizes {
            try volume.synchronize()
        } else {
            let file = try volume.open("/flush", .create)
            touch("/flush")
            try file.flush()
            current.files["/flush"] = current.files["/flush"] ?? []
        }
        checkpoints.append(Checkpoint(events: disk.events?.count ?? 0, durable: current))
    }

    /// Calls `body`, and says whether there was room for what it does.
    private func fits(_ body: () throws(FileError) -> Void) throws -> Bool {
        do {
            try body()
            return true
        } catch {
            guard error == .full else { throw error }
            return false
        }
    }

    private func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    private func touch(_ path: String) { checkpoints[checkpoints.count - 1].touched.insert(path) }

    private func newPath() -> String {
        serial += 1
        let name: String
        switch pick(allowsVeryLongNames ? 9 : 8) {
        case 0...2: name = "F\(serial).TXT"
        case 3...5: name = "a file with a long name \(serial)"
        case 6: name = "\(serial)" + String(repeating: "n", count: pick(180) + 1)
        case 7: name = "Ünïcödé ☃ 😀 \(serial)"
        default:
            name = "\(serial)" + String(repeating: "v", count: 197 + pick(50))
            hasVeryLongNames = true
        }
        return anyDirectory() + "/" + name
    }

    private func anyDirectory() -> String { current.directories.sorted()[pick(current.directories.count)] }

    private func anyFile() -> String? {
        current.files.isEmpty ? nil : current.files.keys.sorted()[pick(current.files.count)]
    }

    private func write(isNew: Bool) throws {
        guard let path = isNew ? newPath() : anyFile() else { return }
        var content = current.files[path] ?? []
        touch(path)
        let file = try volume.open(path, .create)
        current.files[path] = content
        for _ in 0...pick(3) {
            let offset = [content.count, content.count, pick(content.count + 1), content.count + pick(3000)][pick(4)]
            let data = pattern([1, 100, 512, 700, 2048, 5000, 20_000][pick(7)], random.next())
            let isDone = try fits { () throws(FileError) in try file.write(at: UInt64(offset), from: data.span.bytes) }
            guard isDone else { continue }
            if offset > content.count { content += [UInt8](repeating: 0, count: offset - content.count) }
            let end = min(content.count, offset + data.count)
            content.replaceSubrange(offset..<end, with: data)
            current.files[path] = content
        }
    }

    private func truncate() throws {
        guard let path = anyFile(), let content = current.files[path] else { return }
        touch(path)
        let size = pick(2) == 0 ? pick(content.count + 1) : 0
        try volume.open(path, .write).truncate(to: UInt64(size))
        current.files[path] = Array(content[..<size])
    }

    private func rename() throws {
        guard let old = anyFile(), let new = pick(2) == 0 ? anyFile() : newPath(), old != new else { return }
        let isDurable = !checkpoints[checkpoints.count - 1].touched.contains(old)
        let wasDurable = !checkpoints[checkpoints.count - 1].touched.contains(new)
        let move = Move(
            old: old, new: new, content: isDurable ? current.files[old] : nil,
            replaced: wasDurable ? current.files[new] : nil)
        if isDurable { checkpoints[checkpoints.count - 1].moves.append(move) }
        touch(old)
        touch(new)
        guard try fits({ () throws(FileError) in try volume.rename(old, to: new) }) else { return }
        current.files[new] = current.files.removeValue(forKey: old)
    }

    private func renameDirectory() throws {
        let old = anyDirectory()
        guard !old.isEmpty else { return }
        serial += 1
        let new = anyDirectory() + "/moved directory \(serial)"
        guard !new.hasPrefix(old + "/") else { return }
        try volume.rename(old, to: new)
        var moved = Contents(files: [:], directories: [])
        for (path, content) in current.files {
            let isInside = path.hasPrefix(old + "/")
            let renamed = isInside ? new + path.dropFirst(old.count) : path
            for name in [path, renamed] where isInside { touch(name) }
            moved.files[renamed] = content
        }
        for path in current.directories {
            let isInside = path == old || path.hasPrefix(old + "/")
            let renamed = isInside ? new + path.dropFirst(old.count) : path
            for name in [path, renamed] where isInside { touch(name) }
            moved.directories.insert(renamed)
        }
        current = moved
    }

    private func remove() throws {
        guard let path = anyFile() else { return }
        touch(path)
        // Deleted while it is open, and used on.
        let file = pick(2) == 0 ? try volume.open(path, .write) : nil
        try volume.remove(path)
        current.files[path] = nil
        if let file {
            let data = pattern(700, 1)
            _ = try fits { () throws(FileError) in try file.write(at: file.size, from: data.span.bytes) }
        }
    }

    private func makeDirectory() throws {
        guard current.directories.count < 6 else { return }
        serial += 1
        let path = anyDirectory() + (pick(2) == 0 ? "/DIR\(serial)" : "/a directory \(serial)")
        touch(path)
        guard try fits({ () throws(FileError) in try volume.makeDirectory(path) }) else { return }
        current.directories.insert(path)
    }

    private func removeDirectory() throws {
        let path = anyDirectory()
        guard !path.isEmpty, !current.files.keys.contains(where: { $0.hasPrefix(path + "/") }),
            !current.directories.contains(where: { $0.hasPrefix(path + "/") })
        else { return }
        touch(path)
        try volume.removeDirectory(path)
        current.directories.remove(path)
    }

    // MARK: What must be true

    /// What is wrong with `disk`, which holds what the workload's disk would hold had the plug been pulled after `events` events.
    func complaints(about disk: MemoryDisk, after events: Int) -> [String] {
        var found: [String] = []
        func check(_ moment: String) {
            do throws(FileError) {
                let check = try FATCheck(disk)
                for problem in check.problems { found.append("\(moment): \(problem)") }
                if check.orphanPieces > 0, !hasVeryLongNames { found.append("\(moment): orphaned pieces of a name") }
            } catch {
                found.append("\(moment): \(error)")
            }
        }
        check("before mounting")
        guard let checkpoint = checkpoints.last(where: { $0.events <= events }) else { return found }
        do throws(FileError) {
            let volume = try FATVolume(disk)
            func content(_ path: String) -> [UInt8]? { try? volume.contents(of: path, limit: 1 << 24) }
            for (path, expected) in checkpoint.durable.files where !checkpoint.touched.contains(path) {
                if content(path) != expected { found.append("\(path) was durable and is not what it was") }
            }
            for path in checkpoint.durable.directories where !checkpoint.touched.contains(path) {
                if try !volume.entry(at: path).isDirectory { found.append("\(path) was a directory") }
            }
            // A file that moved once and was not touched otherwise is at one end or the other.
            let ends = checkpoint.moves.flatMap { [$0.old, $0.new] }
            for move in checkpoint.moves where isAlone(move, ends) {
                let (old, new) = (content(move.old), content(move.new))
                if old != move.content, new != move.content { found.append("\(move.old) was lost on its way") }
                if let replaced = move.replaced, new != replaced, new != move.content {
                    found.append("\(move.new) is neither what it was nor what was to replace it")
                }
            }
            try volume.unmount()
        } catch {
            found.append("mounting: \(error)")
        }
        check("after mounting")
        return found
    }

    /// True when nothing else was done with the ends of `move`, then or later.
    private func isAlone(_ move: Move, _ ends: [String]) -> Bool {
        ends.filter { $0 == move.old || $0 == move.new }.count == 2 && current.files[move.new] == move.content
    }
}
