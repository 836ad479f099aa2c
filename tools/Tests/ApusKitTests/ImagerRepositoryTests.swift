import Foundation
import Testing

@testable import ApusKit

/// What Raspberry Pi Imager is given, against its `doc/json-schema/os-list-schema.json` (raspberrypi/rpi-imager, 72ad1179 of August 2026).
@Suite(.enabled(if: Executable.find("xz") != nil, "this machine lacks xz")) struct ImagerRepositoryTests {
    /// The members that the schema wants in an entry, and those of its example beside them.
    private static let texts = [
        "name", "description", "icon", "url", "extract_sha256", "image_download_sha256", "release_date", "init_format",
    ]
    private static let numbers = ["extract_size", "image_download_size"]

    private func write(url: String?, _ body: (ImagerRepository, [String: Any], [UInt8]) throws -> Void) throws {
        try Files.withTemporaryDirectory { directory in
            let image = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 >> 8) }
            try Files.write(image, to: directory + "/card.img")
            let repository = ImagerRepository(directory: directory + "/imager", url: url)
            let path = try repository.write(
                card: directory + "/card.img", application: "SelfTest", date: "2026-12-01")
            let object = try JSONSerialization.jsonObject(with: Data(try Files.read(path)))
            let list = try #require(object as? [String: [[String: Any]]])
            #expect(Array(list.keys) == ["os_list"])
            try body(repository, try #require(list["os_list"]?.first), image)
        }
    }

    @Test func `the list has what the schema wants, each of its type`() throws {
        try write(url: "https://example.org/apus") { _, entry, _ in
            for name in Self.texts { #expect((entry[name] as? String)?.isEmpty == false, "\(name)") }
            for name in Self.numbers { #expect((entry[name] as? Int ?? 0) > 0, "\(name)") }
            #expect(entry["devices"] as? [String] == ["pi4-64bit"])
            #expect(entry.count == Self.texts.count + Self.numbers.count + 1)
            #expect(["systemd", "cloudinit", "none"].contains(entry["init_format"] as? String))
            #expect(entry["url"] as? String == "https://example.org/apus/apus-selftest.img.xz")
            #expect((entry["release_date"] as? String)?.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil)
        }
    }

    @Test func `sizes and digests are those of the files`() throws {
        try write(url: nil) { repository, entry, image in
            let compressed = repository.directory + "/apus-selftest.img.xz"
            #expect(entry["image_download_size"] as? Int == (try Files.read(compressed)).count)
            #expect(
                try Command("sha256sum", [compressed]).check().hasPrefix(
                    entry["image_download_sha256"] as? String ?? "?"))
            #expect(entry["extract_size"] as? Int == image.count)
            let extracted = try Command("xz", ["--decompress", "--stdout", compressed]).capture().bytes
            #expect(extracted == image)
            #expect(entry["extract_sha256"] as? String == (try SHA256.hexadecimal(extracted)))
            // Only what is to be fetched is left.
            let names = try FileManager.default.contentsOfDirectory(atPath: repository.directory).sorted()
            #expect(names == ["apus-selftest.img.xz", "apus.svg", "os_list.json"])
        }
    }

    @Test func `without a URL the list leads to this machine's files`() throws {
        try write(url: nil) { repository, entry, _ in
            let url = try #require(URL(string: entry["url"] as? String ?? ""))
            #expect(url.isFileURL && Files.exists(url.path))
            let icon = try #require(URL(string: entry["icon"] as? String ?? ""))
            #expect(Files.exists(icon.path))
        }
    }

    @Test func `the same card makes the same files`() throws {
        var lists: [[UInt8]] = []
        for _ in 0..<2 {
            try write(url: "https://example.org/") { repository, _, _ in
                lists.append(try Files.read(repository.directory + "/os_list.json"))
            }
        }
        #expect(lists[0] == lists[1])
    }
}
