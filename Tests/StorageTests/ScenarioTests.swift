import Testing

@testable import Storage

/// Single changes, each at the worst place for it: across blocks of the table and of directories. The plug is pulled everywhere.
@Suite struct ScenarioTests {
    /// A change to a volume that holds `/big` (300 clusters), `/keep`, `/small` and the directories `/d` and `/d/e`.
    struct Scenario: CustomStringConvertible, Sendable {
        var description: String
        var change: @Sendable (FATVolume) throws -> Void
    }

    static let big = pattern(300 * 512, 1)
    static let keep = pattern(9000, 2)
    static let small = pattern(700, 3)

    static let base: [UInt8] = {
        do {
            let disk = MemoryDisk(PlugTests.images[2])
            let volume = try FATVolume(disk)
            for path in ["/d", "/d/e"] { try volume.makeDirectory(path) }
            for (path, content) in [("/big", big), ("/keep", keep), ("/small", small)] {
                try volume.open(path, .create).write(content)
            }
            // The first block of the root is full, so that new names lie in another than these.
            for number in 0..<12 { _ = try volume.open("/FILL\(number)", .create) }
            try volume.unmount()
            return disk.bytes
        } catch {
            fatalError("\(error)")
        }
    }()

    static let scenarios: [Scenario] = [
        Scenario(description: "cut a long file") { try $0.open("/big", .write).truncate(to: 50 * 512 + 7) },
        Scenario(description: "cut a long file and let it grow again") { volume in
            let file = try volume.open("/big", .write)
            try file.truncate(to: 60 * 512)
            try file.write(at: 60 * 512, from: pattern(120 * 512, 4).span.bytes)
        },
        Scenario(description: "cut a file twice, then delete it") { volume in
            let file = try volume.open("/big", .write)
            try file.truncate(to: 200 * 512)
            try file.truncate(to: 20 * 512)
            try volume.remove("/big")
            try volume.synchronize()
            try file.close()
        },
        Scenario(description: "empty a file and write it anew") { volume in
            try volume.open("/big", .truncate).write(pattern(200 * 512, 5))
        },
        Scenario(description: "let a file grow across blocks of the table") { volume in
            let file = try volume.open("/small", .append)
            for part in 0..<6 { try file.write(pattern(9000, UInt64(part))) }
        },
        Scenario(description: "delete a file and use its space") { volume in
            try volume.remove("/big")
            try volume.open("/d/new", .create).write(pattern(290 * 512, 6))
        },
        Scenario(description: "fill a directory until it grows") { volume in
            for number in 0..<14 { try volume.open("/d/e/a name of three entries \(number)", .create).write([1]) }
        },
        Scenario(description: "delete a name and make it elsewhere") { volume in
            try volume.remove("/FILL2")
            try volume.remove("/FILL3")
            // These take the places of the two; what comes then lies in another block.
            _ = try volume.open("/ONE", .create)
            _ = try volume.open("/TWO", .create)
            try volume.open("/fill2", .create).write([2])
            _ = try volume.open("/FILL3", .create)
        },
        Scenario(description: "delete a name and give it to another file") { volume in
            try volume.remove("/FILL11")
            try volume.rename("/FILL1", to: "/FILL11")
        },
        Scenario(description: "give a file a longer name at the end of a directory") { volume in
            try volume.rename("/FILL11", to: "/a name that takes several entries")
        },
        Scenario(description: "give a file a longer name in a block that is full") { volume in
            try volume.rename("/FILL1", to: "/a name that takes several entries")
        },
        Scenario(description: "replace a file in another directory") { volume in
            try volume.open("/d/e/new", .create).write(pattern(3000, 7))
            try volume.rename("/d/e/new", to: "/small")
        },
        Scenario(description: "move a directory") { try $0.rename("/d/e", to: "/moved to the root") },
        Scenario(description: "remove a tree") { volume in
            try volume.removeDirectory("/d/e")
            try volume.removeDirectory("/d")
            try volume.makeDirectory("/again")
        },
    ]

    @Test(arguments: scenarios)
    func `nothing is worse than lost clusters at any moment of a change`(_ scenario: Scenario) throws {
        let disk = MemoryDisk(Self.base)
        let volume = try FATVolume(disk)
        disk.events = []
        try scenario.change(volume)
        try volume.synchronize()
        try volume.unmount()
        #expect(try FATCheck(disk).isClean)
        var random = Seeded(9)
        var names: [String: Int] = [:]
        try PlugTests.states(Self.base, disk.events ?? [], samples: 3, &random) { event, state in
            let disk = MemoryDisk(state)
            let before = try FATCheck(disk)
            try #require(before.problems.isEmpty && before.orphanPieces == 0, "event \(event): \(before.problems)")
            let volume = try FATVolume(disk)
            try #require(try volume.contents(of: "/keep", limit: 10_000) == Self.keep)
            names[try Self.fate(volume), default: 0] += 1
            let after = try FATCheck(disk)
            try #require(after.problems.isEmpty, "event \(event): \(after.problems)")
        }
        // Whatever happened, it happened at some event: before it things were as they had been.
        #expect(!names.isEmpty)
    }

    /// Throws when a file or directory has vanished that nothing takes away: `/small` is there, and so is the inner directory, at
    /// one of its places, or both are gone from where they can be.
    private static func fate(_ volume: FATVolume) throws -> String {
        let size = try volume.entry(at: "/small").size
        let places = ["/d/e", "/moved to the root", "/d", "/again"].filter { (try? volume.entry(at: $0)) != nil }
        if size == UInt64(small.count) {
            try #require(try volume.contents(of: "/small", limit: 1000) == small)
        } else if size == 3000 {
            try #require(try volume.contents(of: "/small", limit: 3000) == pattern(3000, 7))
        }
        let isMoved = places.contains("/moved to the root")
        try #require(!(isMoved && places.contains("/d/e")), "the directory has two names")
        return "\(size) \(places)"
    }

    @Test(
        arguments: [
            ("/FILL11", "/a name that takes several entries", 1), ("/FILL1", "/fill one", 5), ("/FILL1", "/FILL0", 1),
            ("/FILL1", "/other", 1), ("/FILL11", "/d/e/other", 5), ("/FILL11", "/fill11", 1),
        ] as [(String, String, Int)])
    func `a renaming in one block is one flush, and one across blocks is five`(
        _ old: String, _ new: String, _ flushes: Int
    ) throws {
        let disk = MemoryDisk(Self.base)
        let volume = try FATVolume(disk)
        try volume.open("/mark", .create).close()
        let before = disk.flushes
        try volume.rename(old, to: new)
        try volume.synchronize()
        // Synchronizing adds two at most: what became free, and the count of it.
        #expect(disk.flushes - before <= flushes + 2)
        #expect(disk.flushes - before >= flushes)
        #expect(try volume.entry(at: new).name.utf8.elementsEqual(new.split(separator: "/").last!.utf8))
    }

    @Test func `a directory that moves is at one place or the other at every moment`() throws {
        let disk = MemoryDisk(Self.base)
        let volume = try FATVolume(disk)
        try volume.open("/d/e/inside", .create).write([7])
        try volume.synchronize()
        let base = disk.bytes
        disk.events = []
        try volume.rename("/d/e", to: "/moved to the root")
        try volume.synchronize()
        var random = Seeded(1)
        var moved = 0
        var total = 0
        try PlugTests.states(base, disk.events ?? [], samples: 2, &random) { event, state in
            let volume = try FATVolume(MemoryDisk(state))
            let places = ["/d/e/inside", "/moved to the root/inside"].filter { (try? volume.entry(at: $0)) != nil }
            try #require(places.count == 1, "event \(event): \(places)")
            total += 1
            moved += places[0].hasPrefix("/moved") ? 1 : 0
        }
        #expect(moved > 0 && moved < total)
    }
}
