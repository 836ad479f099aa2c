import Foundation
import KeyValue
import Testing

@testable import ApusKit

@Suite struct CardStoreTests {
    /// A file of 512 KiB that holds nothing but room for a store.
    func withFile(_ body: (String) throws -> Void) throws {
        try Files.withTemporaryDirectory { directory in
            let path = directory + "/store"
            try Files.write([UInt8](repeating: 0, count: 512 << 10), to: path)
            try body(path)
        }
    }

    @Test func `a store in a file is formatted, written, dumped and imported`() throws {
        try withFile { path in
            #expect(throws: StoreError.unusable(path, .notFormatted)) {
                _ = try CardStore(path: path, isReadOnly: true).mount()
            }
            try CardStore(path: path, isReadOnly: false).format(force: false)
            #expect(throws: StoreError.notEmpty(path)) {
                try CardStore(path: path, isReadOnly: false).format(force: false)
            }
            let store = try CardStore(path: path, isReadOnly: false).mount()
            let values: [[UInt8]: [UInt8]] = [
                [UInt8]("net.address".utf8): [UInt8]("10.0.0.1/8".utf8), [0xFF, 0x00]: [0, 1, 2, 0xFE],
                [UInt8]("base64:x".utf8): [], [UInt8]("Grüße".utf8): [UInt8]("a \"b\"\n".utf8),
            ]
            for (key, value) in values { try store.put(value, for: key) }
            let dump = try StoreDump.write(store)
            #expect(dump.contains("\"net.address\" : \"10.0.0.1/8\""))
            try Files.write(dump, to: path + ".json")
            let read = try StoreDump.read(path + ".json")
            #expect([[UInt8]: [UInt8]](uniqueKeysWithValues: read.map { ($0.key, $0.value) }) == values)
            try CardStore(path: path, isReadOnly: false).format(force: true)
            #expect(try CardStore(path: path, isReadOnly: true).mount().count == 0)
        }
    }

    @Test(arguments: ["[]", "{\"a\": 1}", "{\"a\": {\"base64\": \"*\"}}", "{"])
    func `what is no dump is refused`(_ text: String) throws {
        try withFile { path in
            try Files.write(text, to: path + ".json")
            #expect(throws: StoreError.self) { _ = try StoreDump.read(path + ".json") }
        }
    }

    @Test func `a card without a partition for a store is told from one with it`() throws {
        try withFile { path in
            try Command("sfdisk", ["--quiet", path]).check(input: "start=64, size=300, type=c\n")
            #expect(throws: StoreError.noPartition(path)) { _ = try CardStore(path: path, isReadOnly: true) }
            try Command("sfdisk", ["--quiet", path]).check(input: "start=64, size=600, type=da\n")
            try CardStore(path: path, isReadOnly: false).format(force: false)
            #expect(try Files.read(path)[64 * 512..<64 * 512 + 6].elementsEqual("APUSKV".utf8))
            try Command("sfdisk", ["--quiet", path]).check(
                input: "label: gpt\nstart=128, size=600, type=6D3F2E57-2B1C-4C8E-9A44-415055534B56\n")
            try CardStore(path: path, isReadOnly: false).format(force: false)
            #expect(try Files.read(path)[128 * 512..<128 * 512 + 6].elementsEqual("APUSKV".utf8))
        }
    }
}
