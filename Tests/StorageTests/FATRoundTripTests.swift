import Foundation
import Interfaces
import Testing

@testable import Storage

/// Volumes that go back and forth between us and the tools that people use.
@Suite struct FATRoundTripTests {
    static let isLong = PlugTests.isLong

    /// True where this machine can mount a FAT image: root, a loop device, a kernel with vfat.
    static let canMount: Bool = {
        guard let shop = try? Workshop() else { return false }
        return
            (try? shop.run("truncate -s 1M $I; mkfs.vfat $I; mkdir m; mount -t vfat -o loop $I m; umount m")) != nil
    }()

    /// Names of every length, and of every kind.
    static let names: [String] = {
        let letters = Array("abcdefghijklmnopqrstuvwxyzäöüßéñЖдя日本語☃ -_+,;=[]~.")
        return (1...255).map { length in
            // A letter that is no blank or dot at both ends; the number keeps names apart.
            let middle = (0..<max(0, length - 5)).map { String(letters[($0 * 7 + length) % letters.count]) }.joined()
            let number = String(length)
            let start = length < 4 ? number : "n" + number + middle
            return String(start.prefix(length - (length < 4 ? 0 : 1)))
                + (length < 4 ? String(repeating: "x", count: length - number.count) : "e")
        } + [
            "UPPER.TXT", "lower.txt", "Mixed.Txt", "UPPER.low", ".hidden", "two.dots.tar.gz", "😀 smile", "a",
            "e\u{301} decomposed",
        ]
    }()

    /// Makes a tree of `names` on `volume`, each file with content of its own.
    static func makeTree(_ volume: FATVolume, _ names: [String]) throws {
        try volume.makeDirectory("tree")
        for (index, name) in names.enumerated() {
            try volume.open("tree/" + name, .exclusive).write(pattern(index * 13 % 3000, UInt64(index)))
        }
        try volume.makeDirectory("tree/sub directory")
        try volume.open("tree/sub directory/file", .create).write([1])
    }

    /// Puts the same tree into the directory of `shop`.
    static func makeTree(_ shop: Workshop, _ names: [String]) throws {
        try shop.run("mkdir -p 'expected/tree/sub directory'; printf '\\1' > 'expected/tree/sub directory/file'")
        for (index, name) in names.enumerated() {
            try shop.write("expected/tree/" + name, pattern(index * 13 % 3000, UInt64(index)))
        }
    }

    /// Those that a file of the host can have too: 255 bytes.
    static var portableNames: [String] { names.filter { $0.utf8.count <= 255 } }

    @Test(arguments: [Format.all[3], Format.all[4]])
    func `mtools reads the names of every length that we write`(_ format: Format) throws {
        let shop = try FATReadingTests.format(format)
        let volume = try FATVolume(try FileDisk(shop.image, isReadOnly: false))
        // mtools knows nothing beyond the basic multilingual plane.
        let names = Self.portableNames.filter { !$0.contains("😀") }
        try Self.makeTree(volume, names)
        try volume.unmount()
        try Self.makeTree(shop, names)
        try shop.run("fsck.fat -n $I; mkdir found; mcopy -s -n -i $I ::tree found; diff -r found expected")
    }

    static func renamed(_ index: Int, _ name: String) -> String { "tree/r\(index)" + name.prefix(240) + "e" }

    @Test func `all lengths of names are made, found, renamed and removed`() throws {
        let disk = try FATWritingTests.disk(Format.all[4])
        let volume = try FATVolume(disk)
        try Self.makeTree(volume, Self.names)
        var found: Set<String> = []
        try volume.list("tree") { found.insert($0.name) }
        #expect(found == Set(Self.names + ["sub directory"]))
        for (index, name) in Self.names.enumerated() where index % 3 == 0 {
            try volume.rename("tree/" + name, to: Self.renamed(index, name))
        }
        for (index, name) in Self.names.enumerated() where index % 3 == 1 { try volume.remove("tree/" + name) }
        try volume.unmount()
        let check = try FATCheck(disk)
        #expect(check.isClean && check.problems.isEmpty)
        let again = try FATVolume(disk)
        for (index, name) in Self.names.enumerated() {
            let path = index % 3 == 0 ? Self.renamed(index, name) : "tree/" + name
            if index % 3 == 1 {
                #expect(throws: FileError.notFound(path)) { _ = try again.entry(at: path) }
            } else {
                #expect(try again.contents(of: path, limit: 4000) == pattern(index * 13 % 3000, UInt64(index)))
            }
        }
    }

    @Test(.enabled(if: FATRoundTripTests.canMount, "needs root, a loop device and a kernel with vfat"))
    func `the kernel of the host reads what we write, and we what it writes`() throws {
        let shop = try FATReadingTests.format(Format.all[4])
        let volume = try FATVolume(try FileDisk(shop.image, isReadOnly: false))
        try Self.makeTree(volume, Self.portableNames)
        try volume.unmount()
        try Self.makeTree(shop, Self.portableNames)
        try shop.run(
            """
            mkdir m; mount -t vfat -o loop,utf8=1,iocharset=utf8 $I m; trap 'umount m' EXIT
            diff -r m/tree expected/tree; mv m/tree m/moved; echo hello > 'm/a file from elsewhere'
            """)
        try shop.run("fsck.fat -n $I")
        let again = try FATVolume(try FileDisk(shop.image))
        #expect(try again.contents(of: "a file from elsewhere", limit: 10) == Array("hello\n".utf8))
        for (index, name) in Self.portableNames.enumerated() {
            #expect(try again.contents(of: "moved/" + name, limit: 4000) == pattern(index * 13 % 3000, UInt64(index)))
        }
    }

    @Test func `a directory of many long names has a short name for each, and shrinks and grows`() throws {
        let shop = try FATReadingTests.format(Format.all[4])
        let volume = try FATVolume(try FileDisk(shop.image, isReadOnly: false))
        let count = Self.isLong ? 4000 : 300
        try volume.makeDirectory("d")
        for number in 1...count { _ = try volume.open("d/the same beginning \(number).text", .exclusive) }
        for number in stride(from: 1, through: count, by: 2) {
            try volume.remove("d/the same beginning \(number).text")
        }
        for number in 1...count / 4 { _ = try volume.open("d/another beginning \(number)", .exclusive) }
        try volume.unmount()
        let listing = try shop.run("fsck.fat -n $I; mdir -b -i $I ::d")
        #expect(listing.split(separator: "\n").filter { $0.contains("the same beginning") }.count == count / 2)
        #expect(listing.split(separator: "\n").filter { $0.contains("another beginning") }.count == count / 4)
    }

    // MARK: Cards from elsewhere

    /// Writes into, renames in and deletes from the volume on `device`, and takes leave of it.
    static func use(_ device: any BlockDevice, removing path: String) throws {
        let volume = try FATVolume(device)
        try volume.makeDirectory("from us")
        try volume.open("from us/a file.bin", .create).write(pattern(70_000, 5))
        try volume.open("from us/note.txt", .create).write(Array("note\n".utf8))
        try volume.rename("from us/note.txt", to: "moved note.txt")
        try volume.remove(path)
        try volume.unmount()
        #expect(try FATCheck(device).isClean)
    }

    /// What the tools say about it.
    static func judge(_ shop: Workshop, _ part: String, without name: String) throws {
        try shop.write("expected", pattern(70_000, 5))
        let listing = try shop.run(
            """
            fsck.fat -n \(part); mcopy -i \(part) '::from us/a file.bin' found; cmp found expected
            mtype -i \(part) '::moved note.txt'; mdir -/ -b -i \(part) ::
            """)
        #expect(listing.contains("note\n") && !listing.contains(name))
    }

    @Test(arguments: ["dos", "gpt"])
    func `a card with a boot partition and one of Linux is written to between the two`(_ label: String) throws {
        let shop = try Workshop()
        let (boot, root) = label == "dos" ? ("c", "83") : ("EBD0A0A2-B9E5-4433-87C0-68B6B72699C7", "L")
        try shop.run(
            """
            truncate -s 96M $I
            printf 'label: \(label)\\nstart=8192, size=81920, type=\(boot)\\nstart=90112, size=65536, type=\(root)\\n' | sfdisk -q $I
            mkfs.vfat -F 32 -s 1 -n bootfs --offset 8192 $I 40960
            truncate -s 32M ext; mkfs.ext4 -q ext; dd if=ext of=$I bs=512 seek=90112 conv=notrunc status=none
            echo dtparam=audio=on > config.txt; mmd -i $I@@4M ::overlays
            mcopy -i $I@@4M config.txt ::; mcopy -i $I@@4M config.txt ::overlays/vc4-kms-v3d.dtbo; rm ext
            """)
        let disk = try FileDisk(shop.image, isReadOnly: false)
        let entry = try #require(try PartitionTable(disk).entries.first { $0.kind.suggestsFAT })
        try Self.use(try Partition(disk, entry), removing: "config.txt")
        try shop.run(
            """
            dd if=$I of=part bs=512 skip=8192 count=81920 status=none
            dd if=$I of=linux bs=512 skip=90112 count=65536 status=none; e2fsck -fn linux; sfdisk -V $I
            """)
        try Self.judge(shop, "part", without: "config.txt")
    }

    @Test func `a camera's card with a long directory is read, written to and found whole`() throws {
        let shop = try FATReadingTests.format(Format.all[5], label: "'NIKON Z5'")
        try shop.run(
            """
            mkdir -p in/DCIM/100NZ5__; for n in $(seq -w 0001 1200); do echo $n > in/DCIM/100NZ5__/DSC_$n.JPG; done
            mcopy -s -i $I in/DCIM ::
            """)
        let device = try FileDisk(shop.image, isReadOnly: false)
        try Self.use(device, removing: "DCIM/100NZ5__/DSC_0600.JPG")
        var count = 0
        try FATVolume(device).list("DCIM/100NZ5__") { _ in count += 1 }
        #expect(count == 1199)
        try Self.judge(shop, "$I", without: "DSC_0600")
    }

    // MARK: Work

    @Test func `long transfers are a request a stretch of clusters, and short ones are read ahead`() throws {
        let disk = try FATWritingTests.disk(Format.all[5])
        let volume = try FATVolume(disk)
        let file = try volume.open("file", .create)
        let data = pattern(1 << 20, 1)
        try file.write([0])
        try file.truncate(to: 0)
        try file.flush()
        let (writes, blocks) = (disk.writes, disk.blocksWritten)
        for part in 0..<4 { try file.write(at: UInt64(part) << 20, from: data.span.bytes) }
        try file.flush()
        // 8192 blocks of content, 1024 entries in two tables of eight blocks each, the entry of the file.
        #expect((disk.blocksWritten - blocks) * 95 <= 8192 * 100)
        #expect(disk.writes - writes <= 4 + 2 * 9 + 2)
        let again = try FATVolume(disk)
        let reader = try again.open("file")
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let (requests, read) = (disk.requests, disk.blocksRead)
        for part in 0..<4 {
            #expect(try reader.read(at: UInt64(part) << 20, into: &bytes) == 1 << 20 && bytes == data)
        }
        // 95 of 100 blocks are content, and so are 4 of 7 requests.
        #expect(disk.requests - requests <= 7)
        #expect((disk.blocksRead - read) * 95 <= 8192 * 100)
        let small = disk.requests
        var piece = [UInt8](repeating: 0, count: 512)
        for offset in stride(from: 0, to: 1 << 20, by: 512) { _ = try reader.read(at: UInt64(offset), into: &piece) }
        #expect(disk.requests - small <= 40)
    }

    @Test func `small writes are gathered, and what was read ahead is not older than what was written`() throws {
        let disk = try FATWritingTests.disk(Format.all[5])
        let volume = try FATVolume(disk)
        let file = try volume.open("file", .create)
        let writes = disk.writes
        for number in 0..<512 { try file.write([UInt8](repeating: UInt8(number & 255), count: 128)) }
        // 64 KiB in lines of 4 KiB.
        #expect(disk.writes - writes <= 32)
        var piece = [UInt8](repeating: 0, count: 64)
        for offset in stride(from: 0, to: 65536, by: 64) {
            #expect(try file.read(at: UInt64(offset), into: &piece) == 64)
            #expect(piece.allSatisfy { $0 == UInt8(offset / 128 & 255) })
            // The next piece but one changes just before it is read.
            let later = UInt64(offset + 128)
            if offset % 128 == 0, later < 65536 {
                try file.write(at: later, from: [UInt8](repeating: UInt8(later / 128 & 255), count: 128).span.bytes)
            }
        }
    }
}
