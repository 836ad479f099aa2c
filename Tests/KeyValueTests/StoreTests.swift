import Interfaces
import Testing

@testable import KeyValue

@Suite struct StoreTests {
    @Test func `what was committed is there, and there again after a mount`() throws {
        let (disk, store) = try makeStore()
        var transaction = Transaction()
        transaction.put("10.0.0.2/24", for: "net.address")
        transaction.put("10.0.0.1", for: "net.gateway")
        transaction.put("", for: "empty")
        transaction.put("lost", for: "empty.too")
        transaction.delete("empty.too")
        try store.commit(transaction)
        try store.put("apus", for: "system.hostname")
        try store.delete("net.gateway")
        try store.delete("nothing")
        for store in [store, try KeyValueStore(disk)] {
            #expect(try store.value(for: "net.address") == [UInt8]("10.0.0.2/24".utf8))
            #expect(try store.value(for: "net.gateway") == nil)
            #expect(try store.value(for: "empty") == [])
            #expect(store.keys() == ["empty", "net.address", "system.hostname"].map { [UInt8]($0.utf8) })
            #expect(store.keys(prefix: [UInt8]("net.".utf8)).count == 1)
            #expect(store.count == 3)
        }
    }

    @Test(arguments: [512, 1024, 4096]) func `keys and values of every length come back`(blockSize: Int) throws {
        let (disk, store) = try makeStore(blocks: 2048, blockSize: blockSize)
        #expect(store.maximumValueLength >= 64000)
        var expected: Contents = [:]
        for length in [1, 2, 100, 254, 255] { expected[[UInt8](repeating: 0x61, count: length)] = [UInt8(length)] }
        for length in [0, 1, 400, 448, 449, 512, 4096, 65536] {
            let value = (0..<min(length, store.maximumValueLength)).map { UInt8(truncatingIfNeeded: $0 * 7) }
            expected[[UInt8]("value of \(length)".utf8)] = value
        }
        for (key, value) in expected { try store.put(value, for: key) }
        #expect(try store.contents() == expected)
        #expect(try KeyValueStore(disk).contents() == expected)
    }

    @Test func `a value may look like a part of the log`() throws {
        let (disk, store) = try makeStore(blocks: 512)
        try store.put([UInt8](repeating: 1, count: 300), for: [1])
        // The log itself, at each distance from a block's beginning.
        for shift in 0..<512 where shift % 4 == 0 {
            let value = [UInt8](repeating: 0, count: shift) + disk.bytes[1024..<1024 + 3000]
            try store.put(value, for: [2])
            #expect(try KeyValueStore(disk).value(for: [2]) == value)
        }
    }

    @Test func `what does not go is refused by name, and changes nothing`() throws {
        let (disk, store) = try makeStore()
        let before = disk.bytes
        #expect(throws: KeyValueError.invalidKey) { try store.put([], for: []) }
        #expect(throws: KeyValueError.invalidKey) { try store.put([], for: [UInt8](repeating: 1, count: 256)) }
        let limit = store.maximumValueLength
        #expect(throws: KeyValueError.tooLarge(limit: limit)) {
            try store.put([UInt8](repeating: 1, count: limit + 1), for: [1])
        }
        var transaction = Transaction()
        for key in 0..<20 as Range<UInt8> { transaction.put([UInt8](repeating: 1, count: 1000), for: [key]) }
        #expect(throws: KeyValueError.self) { try store.commit(transaction) }
        try store.commit(Transaction())
        #expect(disk.bytes == before && store.count == 0)
        disk.geometry.isReadOnly = true
        #expect(throws: KeyValueError.readOnly) { try store.put([], for: [1]) }
        #expect(try KeyValueStore(disk).isReadOnly)
        #expect(throws: KeyValueError.readOnly) { try KeyValueStore.format(disk) }
    }

    @Test func `a full store says so, can be emptied and filled again`() throws {
        let (disk, store) = try makeStore()
        for round in 0..<3 {
            var filled = 0
            while true {
                do throws(KeyValueError) {
                    try store.put([UInt8](repeating: UInt8(round), count: 500), for: [UInt8(filled), 1])
                    filled += 1
                } catch {
                    #expect(error == .full)
                    break
                }
            }
            #expect(store.usedBytes > store.capacity - 600 && filled > 100)
            // What is there can still change.
            for key in 0..<filled { try store.put([UInt8](repeating: 0xEE, count: 500), for: [UInt8(key), 1]) }
            #expect(try KeyValueStore(disk).count == filled)
            for key in 0..<filled { try store.delete([UInt8(key), 1]) }
            #expect(store.count == 0 && store.usedBytes == 0)
        }
        #expect(try KeyValueStore(disk).count == 0)
    }

    @Test func `what is no store of this format is refused by name`() throws {
        func error(_ change: (RecordingDisk) -> Void) -> KeyValueError? {
            guard let (disk, _) = try? makeStore() else { return nil }
            change(disk)
            return #expect(throws: KeyValueError.self) { _ = try KeyValueStore(disk, .strict) }
        }
        #expect(error { for index in 0..<1024 { $0.bytes[index] = 0 } } == .notFormatted)
        #expect(error { for index in 0..<1024 { $0.bytes[index] = UInt8(index & 255) } } == .foreign)
        #expect(error { ($0.bytes[8], $0.bytes[520]) = (2, 2) } == .unsupportedVersion(2))
        #expect(error { ($0.bytes[12], $0.bytes[524]) = (1, 1) } == .damaged(block: 0))
        #expect(error { $0.geometry.blockCount = 255 } == .wrongGeometry)
        #expect(error { $0.geometry.blockSize = 1024 } == .wrongGeometry)
        #expect(error { $0.unreadable = [0, 1] } == .device(BlockError(.corrupted)))
        let small = RecordingDisk(blocks: 255)
        #expect(throws: KeyValueError.unsuitableDevice) { try KeyValueStore.format(small) }
        // One of the two superblocks is enough, and more blocks than there were do not matter.
        let (disk, store) = try makeStore()
        try store.put([1], for: [1])
        disk.bytes[3] ^= 1
        #expect(try KeyValueStore(disk).count == 1)
        disk.bytes[3] ^= 1
        disk.unreadable = [1]
        #expect(try KeyValueStore(disk).count == 1)
        #expect(try KeyValueStore(RecordingDisk(disk.bytes + disk.bytes)).count == 1)
    }

    @Test func `an interrupted format leaves nothing that is taken for a store`() throws {
        let (disk, store) = try makeStore()
        for key in 0..<50 as Range<UInt8> { try store.put([key], for: [key]) }
        let base = disk.bytes
        disk.events = []
        try KeyValueStore.format(disk)
        var image = base
        for (number, event) in disk.events.enumerated() {
            let found = try? KeyValueStore(RecordingDisk(image)).count
            #expect(found == (number == 0 ? 50 : nil) || number >= disk.events.count - 2 && found == 0)
            if case .write(let first, let bytes) = event {
                image.replaceSubrange(first * 512..<first * 512 + bytes.count, with: bytes)
            }
        }
        #expect(try KeyValueStore(RecordingDisk(image)).count == 0)
    }

    @Test func `damage in what was durable is an error that names a block, and the rest can be salvaged`() throws {
        let (disk, store) = try makeStore()
        for key in 0..<20 as Range<UInt8> { try store.put([UInt8](repeating: key, count: 50), for: [key]) }
        disk.bytes[(2 + 7) * 512 + 80] ^= 1
        #expect(throws: KeyValueError.damaged(block: 9)) { _ = try KeyValueStore(disk, .strict) }
        let salvage = try KeyValueStore(disk, .salvaging)
        #expect(salvage.count == 19 && salvage.isReadOnly && salvage.statistics.lostBatches == 1)
        #expect(try salvage.value(for: [8]) == [UInt8](repeating: 8, count: 50))
        #expect(throws: KeyValueError.readOnly) { try salvage.put([], for: [1]) }
        // The mounted store notices as well when it reads the value.
        #expect(throws: KeyValueError.damaged(block: 9)) { _ = try store.value(for: [7]) }
    }

    @Test func `a block that cannot be written is passed, and nothing is lost`() throws {
        let (disk, store) = try makeStore()
        try store.put([1], for: [1])
        disk.unwritable = [3, 4]
        var failures = 0
        for value in 0..<40 as Range<UInt8> {
            do throws(KeyValueError) { try store.put([value], for: [2]) } catch { failures += 1 }
        }
        #expect(failures == 4)
        #expect(try KeyValueStore(disk).contents() == [[1]: [1], [2]: [39]])
    }
}
