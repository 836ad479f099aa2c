import Interfaces
import Testing

@testable import TFTP

/// Transfers beside a server that says what the test wants (RFC 1350, 2347, 2348, 2349).
@Suite struct TFTPTests {
    private let start = Instant(nanoseconds: 1)

    private func data(_ number: UInt16, _ count: Int) -> [UInt8] {
        [0, 3, UInt8(number >> 8), UInt8(number & 255)] + [UInt8](repeating: 7, count: count)
    }

    private func acknowledgement(_ number: UInt16) -> [UInt8] { [0, 4, UInt8(number >> 8), UInt8(number & 255)] }

    private func options(_ text: String) -> [UInt8] { [0, 6] + Array(text.utf8) }

    private func get(_ blockSize: Int = 1428) throws -> TFTPTransfer {
        try TFTPTransfer(.get, Array("a".utf8), blockSize: blockSize, now: start)
    }

    @discardableResult
    private func feed(_ transfer: inout TFTPTransfer, _ packet: [UInt8]) throws -> (TFTPTransfer.Event, Bool) {
        let (event, hasReply) = try transfer.receive(packet.span.bytes, now: start)
        return (event, hasReply)
    }

    @Test func `requests name file, mode and options`() throws {
        #expect(try get().packet == [0, 1] + Array("a\0octet\0blksize\01428\0tsize\00\0".utf8))
        let put = try TFTPTransfer(.put, Array("b/c".utf8), size: 1234, blockSize: 512, now: start)
        #expect(put.packet == [0, 2] + Array("b/c\0octet\0blksize\0512\0tsize\01234\0".utf8))
        let unsized = try TFTPTransfer(.put, Array("b".utf8), now: start)
        #expect(unsized.packet == [0, 2] + Array("b\0octet\0blksize\01428\0".utf8))
        for name in ["", "a\0b", String(repeating: "x", count: 256)] {
            #expect(throws: TFTPError.invalidName) { _ = try TFTPTransfer(.get, Array(name.utf8), now: start) }
        }
    }

    @Test func `a file comes with options and without`() throws {
        var transfer = try get()
        var result = try feed(&transfer, options("blksize\0100\0TSIZE\0250\0"))
        #expect(result == (.nothing, true) && transfer.packet == acknowledgement(0) && transfer.size == 250)
        result = try feed(&transfer, data(1, 100))
        #expect(result == (.block(4..<104), true) && transfer.packet == acknowledgement(1))
        // One that comes again is acknowledged again, and is not a block of the file.
        result = try feed(&transfer, data(1, 100))
        #expect(result == (.nothing, true))
        result = try feed(&transfer, data(3, 100))
        #expect(result == (.nothing, false))
        try feed(&transfer, data(2, 100))
        result = try feed(&transfer, data(3, 50))
        #expect(result == (.lastBlock(4..<54), true) && transfer.isFinished)
        result = try feed(&transfer, data(3, 50))
        #expect(result == (.nothing, true) && transfer.packet == acknowledgement(3))

        transfer = try get()
        result = try feed(&transfer, data(1, 512))
        #expect(result == (.block(4..<516), true) && transfer.blockSize == 512)
        result = try feed(&transfer, data(2, 0))
        #expect(result == (.lastBlock(4..<4), true))
    }

    @Test func `a file goes, and every block once`() throws {
        var transfer = try TFTPTransfer(.put, Array("a".utf8), size: 20, blockSize: 16, now: start)
        #expect(try feed(&transfer, options("blksize\016\0")) == (.wantsBlock, false))
        #expect(try feed(&transfer, options("blksize\016\0")) == (.nothing, false))
        transfer.supply([UInt8](repeating: 7, count: 16), now: start)
        #expect(transfer.packet == data(1, 16))
        #expect(try feed(&transfer, acknowledgement(0)) == (.nothing, false))
        #expect(try feed(&transfer, acknowledgement(1)) == (.wantsBlock, false))
        #expect(try feed(&transfer, acknowledgement(1)) == (.nothing, false))
        transfer.supply([UInt8](repeating: 7, count: 4), now: start)
        #expect(try feed(&transfer, acknowledgement(1)) == (.nothing, false))
        #expect(try feed(&transfer, acknowledgement(2)) == (.finished, false) && transfer.isFinished)
        // A server without options: blocks of 512 bytes.
        transfer = try TFTPTransfer(.put, Array("a".utf8), now: start)
        #expect(try feed(&transfer, acknowledgement(0)) == (.wantsBlock, false) && transfer.blockSize == 512)
    }

    @Test func `options that nobody asked for, or none at all, end the transfer`() throws {
        var transfer = try TFTPTransfer(.put, Array("a".utf8), now: start)
        #expect(throws: TFTPError.badOption) { try feed(&transfer, options("blksize\0512\0tsize\09\0")) }
        transfer = try TFTPTransfer(.put, Array("a".utf8), size: 9, now: start)
        #expect(try feed(&transfer, options("tsize\09\0")).0 == .wantsBlock)
        transfer = try get()
        #expect(throws: TFTPError.badOption) { try feed(&transfer, options("")) }
    }

    @Test func `numbers of blocks wrap`() throws {
        var transfer = try get(8)
        try feed(&transfer, options("blksize\08\0"))
        for index in 1...70_000 {
            #expect(try feed(&transfer, data(UInt16(truncatingIfNeeded: index), 8)).0 == .block(4..<12))
        }
        transfer = try TFTPTransfer(.put, Array("a".utf8), blockSize: 8, now: start)
        try feed(&transfer, options("blksize\08\0"))
        for index in 1...70_000 {
            transfer.supply([UInt8](repeating: 7, count: 8), now: start)
            #expect(try feed(&transfer, acknowledgement(UInt16(truncatingIfNeeded: index))).0 == .wantsBlock)
        }
    }

    @Test func `silence is met by sending again, and then by giving up`() throws {
        var transfer = try get()
        #expect(try !transfer.advance(to: start))
        var waits: [UInt64] = []
        for _ in 1..<TFTPTransfer.maximumAttempts {
            let now = transfer.deadline
            #expect(try transfer.advance(to: now))
            waits.append((transfer.deadline - now).nanoseconds / 1_000_000_000)
        }
        #expect(waits == [2, 4, 4, 4, 4] && transfer.repetitions == 5)
        #expect(throws: TFTPError.timedOut) { _ = try transfer.advance(to: transfer.deadline) }
    }

    @Test(
        arguments: [
            [], [0], [0, 3], [0, 3, 0], [0, 1, 0, 0], [0, 9, 0, 0], [0, 4, 0, 0], [0, 4, 0, 0, 0],
            [0, 6] + Array("blksize\0".utf8), [0, 6] + Array("blksize\0007".utf8),
            [0, 6] + Array("blksize\00x10\0".utf8),
            [0, 6] + Array("blksize\01429\0".utf8), [0, 6] + Array("blksize\07\0".utf8),
            [0, 6] + Array("blksize\0100\0blksize\0100\0".utf8), [0, 6] + Array("timeout\01\0".utf8),
            [0, 6] + Array("tsize\09999999999999999999\0".utf8), [0, 5, 0, 1, 0x61],
            [0, 3, 0, 1] + [UInt8](repeating: 0, count: 513),
        ] as [[UInt8]])
    func `what a server may not send ends the transfer`(_ packet: [UInt8]) throws {
        var transfer = try get()
        #expect(throws: TFTPError.self) { try feed(&transfer, packet) }
    }

    @Test func `what the server says when it refuses is kept`() throws {
        var transfer = try get()
        #expect(throws: TFTPError.refused(1, Array("File not found".utf8))) {
            try feed(&transfer, TFTPPacket.error(1, "File not found"))
        }
    }
}
