import Foundation
import Testing

@testable import Storage

@Suite struct FATNameTests {
    static let names = [
        "a", "UPPER.TXT", "lower.txt", "MixedCase.Txt", "Mixed.txt", "lower2.TXT", "no extension at all",
        "two.dots.in it.tar.gz", ".hidden", "trailing.dots.x", "name with  spaces.txt", "Überzeugungstäter.txt",
        "Ελληνικά.txt",
        "Кириллица и ещё.txt", "日本語のファイル.txt", "snowman ☃.txt",
        "100% + [ok] = 'fine'; {yes}, #1 & @2 !~^$()-_`.txt",
        String(repeating: "x", count: 13), String(repeating: "y", count: 26),
        String(repeating: " thirteen+more", count: 15),
        String(repeating: "é", count: 120), String(repeating: "z", count: 251) + ".txt",
    ]

    @Test(arguments: [Format.all[1], Format.all[2], Format.all[5]])
    func `names of every kind come back as they were given, and find their file`(_ format: Format) throws {
        let shop = try FATReadingTests.format(format)
        try shop.run("mmd -i $I ::d; mkdir in")
        for (index, name) in Self.names.enumerated() {
            try shop.write("in/" + name, pattern(50 + index, UInt64(index)))
        }
        try shop.run("mcopy -i $I in/* in/.hidden ::d/; fsck.fat -n $I")
        let volume = try FATVolume(try FileDisk(shop.image))
        var listed: [String] = []
        try volume.list("/d") { listed.append($0.name) }
        #expect(listed.sorted() == Self.names.sorted())
        for (index, name) in Self.names.enumerated() {
            #expect(try volume.contents(of: "/d/" + name, limit: 500) == pattern(50 + index, UInt64(index)))
        }
    }

    @Test(
        arguments: [
            ("überzeugungsTÄTER.TXT", "Überzeugungstäter.txt"), ("ΕΛΛΗΝΙΚΆ.txt", "Ελληνικά.txt"),
            ("КИРИЛЛИЦА И ЕЩЁ.TXT", "Кириллица и ещё.txt"), ("UPPER.txt", "UPPER.TXT"), ("lower.TXT", "lower.txt"),
            ("LONG NAME WITH~1.TXT", nil), ("NAMEWI~1.TXT", "name with spaces.txt"),
        ] as [(String, String?)])
    func `letters match without regard to case, and short names too`(_ path: String, _ name: String?) throws {
        let shop = try FATReadingTests.format(Format.all[2])
        try shop.run("mkdir in")
        for name in [
            "Überzeugungstäter.txt", "Ελληνικά.txt", "Кириллица и ещё.txt", "UPPER.TXT", "lower.txt",
            "name with spaces.txt",
        ] { try shop.write("in/" + name, [1]) }
        try shop.run("mcopy -i $I in/* ::")
        let volume = try FATVolume(try shop.disk())
        if let name {
            #expect(try volume.entry(at: path).name == name)
        } else {
            #expect(throws: FileError.notFound(path)) { _ = try volume.entry(at: path) }
        }
    }

    @Test func `a directory of thousands is listed in order, and its last file found`() throws {
        let shop = try FATReadingTests.format(Format.all[4])
        try shop.run(
            "mkdir in; cd in; for n in $(seq 4000); do echo $n > \"$n is a number.txt\"; done; cd ..; mcopy -s -i $I in ::"
        )
        let disk = try shop.disk()
        let volume = try FATVolume(disk)
        var numbers: Set<String> = []
        let before = disk.requests
        try volume.list("/in") { numbers.insert($0.name) }
        #expect(numbers.count == 4000)
        // 4000 names take 3 entries each: 375 KiB, a request for each 4 KiB, and the table beside it.
        #expect(disk.requests - before < 130)
        #expect(try volume.contents(of: "/in/4000 is a number.txt", limit: 10) == Array("4000\n".utf8))
        #expect(throws: FileError.notFound("/in/4001 is a number.txt")) {
            _ = try volume.open("/in/4001 is a number.txt")
        }
    }

    @Test func `directories in directories are followed fifty deep`() throws {
        let shop = try FATReadingTests.format(Format.all[2])
        let path = (1...50).map { "level \($0)" }.joined(separator: "/")
        try shop.run("mkdir -p 'in/\(path)'; echo deep > 'in/\(path)/file'; mcopy -s -i $I in ::; fsck.fat -n $I")
        let volume = try FATVolume(try shop.disk())
        #expect(try volume.contents(of: "/in/\(path)/FILE", limit: 10) == Array("deep\n".utf8))
    }

    @Test(
        arguments: [
            ("/", nil), ("", nil), ("//sub//", nil), ("/sub/..", nil), ("..", nil), ("./sub/./file", nil),
            ("/sub/../sub/file", nil), ("SUB/FILE", nil),
            ("/none", .notFound("/none")), ("/none/file", .notFound("/none")),
            ("/sub/none/../file", .notFound("/sub/none")),
            ("/sub/file/x", .notADirectory("/sub/file")), ("/sub/file/", .notADirectory("/sub/file/")),
            ("/sub/file/..", .notADirectory("/sub/file")), ("a\u{1}b", .invalidName("a\u{1}b")),
            ("sub/" + String(repeating: "n", count: 256), .invalidName("sub/" + String(repeating: "n", count: 256))),
            (String(repeating: "n", count: 255), .notFound(String(repeating: "n", count: 255))),
        ] as [(String, FileError?)])
    func `a path is found or says at which name it ends`(_ path: String, _ error: FileError?) throws {
        let shop = try FATReadingTests.format(Format.all[0])
        try shop.write("file", [1, 2, 3])
        try shop.run("mmd -i $I ::sub; mcopy -i $I file ::sub")
        let volume = try FATVolume(try shop.disk())
        if let error {
            #expect(throws: error) { _ = try volume.entry(at: path) }
        } else {
            _ = try volume.entry(at: path)
        }
    }

    @Test func `opening a directory and listing a file are errors that say so`() throws {
        let shop = try FATReadingTests.format(Format.all[0])
        try shop.write("file", [1, 2, 3])
        try shop.run("mmd -i $I ::sub; mcopy -i $I file ::")
        let volume = try FATVolume(try shop.disk())
        #expect(throws: FileError.isADirectory("/sub")) { _ = try volume.open("/sub") }
        #expect(throws: FileError.isADirectory("/")) { _ = try volume.open("/") }
        #expect(throws: FileError.notADirectory("file")) { try volume.list("file") { _ in } }
        #expect(throws: FileError.tooLarge(3)) { _ = try volume.contents(of: "file", limit: 2) }
    }

    @Test func `attributes and times are those the tools wrote`() throws {
        let shop = try FATReadingTests.format(Format.all[2])
        try shop.write("file", [1])
        try shop.run(
            "touch -d '2024-02-29 23:59:58' file; TZ=UTC mcopy -m -i $I file ::; mattrib -i $I +r +h +s -a ::file")
        let entry = try FATVolume(try shop.disk()).entry(at: "file")
        #expect(entry.attributes == [.readOnly, .hidden, .system])
        #expect(entry.modified?.description == "2024-02-29 23:59:58")
        #expect(!entry.isDirectory && entry.size == 1)
    }

    @Test(
        arguments: [
            (0x5D77, 0xBF7D, 0, "2026-11-23 23:59:58"), (0x0021, 0, 0, "1980-01-01 00:00:00"),
            (0x0021, 0, 199, "1980-01-01 00:00:01"), (0x0021, 0, 200, nil), (0, 0, 0, nil), (0x5DA1, 0, 0, nil),
            (0x5C5D, 0, 0, nil), (0x585D, 0, 0, "2024-02-29 00:00:00"), (0xF05D, 0, 0, nil), (0x0021, 0xC000, 0, nil),
            (0x0021, 0x0780, 0, nil), (0x0021, 0x001E, 0, nil),
        ] as [(UInt16, UInt16, UInt8, String?)])
    func `a time is decoded, or is none`(_ date: UInt16, _ time: UInt16, _ hundredths: UInt8, _ text: String?) {
        #expect(FATTimestamp(date: date, time: time, hundredths: hundredths)?.description == text)
    }

    @Test func `case folds as Unicode says in the scripts that are named, and nowhere wrongly`() {
        // What the tables of the host say, restricted to mappings of one unit to one unit.
        for unit in UInt16(0)...0xFFFF {
            guard let scalar = Unicode.Scalar(unit) else { continue }
            let lower = Array(scalar.properties.lowercaseMapping.utf16)
            let folded = CaseFolding.fold(unit)
            if folded != unit, ![0x00B5, 0x017F, 0x03C2].contains(unit) {
                #expect(lower == [folded], "\(String(unit, radix: 16))")
            }
            let isCovered =
                (0x41...0x24F).contains(unit) || (0x370...0x52F).contains(unit) || (0x1E00...0x1EFF).contains(unit)
            // Latin Extended-B has letters for languages of Africa whose small forms lie elsewhere.
            let isLeftOut =
                (0x180...0x1C3).contains(unit)
                || [0x130, 0x1F6, 0x1F7, 0x220, 0x370, 0x372, 0x376, 0x37F].contains(unit)
                || (0x23A...0x24E).contains(unit) || (0x3CF...0x3FF).contains(unit)
            if isCovered, !isLeftOut, lower.count == 1, lower[0] != unit {
                #expect(folded == lower[0], "\(String(unit, radix: 16))")
            }
        }
    }

    @Test func `UTF-16 becomes UTF-8 and comes back`() {
        for text in ["", "a", "é", "☃", "😀", "a😀b☃cé"] {
            #expect(string(utf16: Array(text.utf16).span) == text)
            var units: [UInt16] = []
            let bytes = Array(text.utf8)
            appendUTF16(bytes.span, 0..<bytes.count, to: &units)
            #expect(units == Array(text.utf16))
        }
        #expect(string(utf16: [0xD83D, 0x61, 0xDE00].span) == "\u{FFFD}a\u{FFFD}")
        #expect(string(utf16: [0xD83D].span) == "\u{FFFD}")
    }
}
