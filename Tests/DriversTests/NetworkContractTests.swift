import Foundation
import Interfaces
import Testing

/// The contract's page and its parts.
@Suite struct NetworkContractTests {
    @Test func `the example at the end of the page is the code that is tested here`() throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
        let page = tests.appending(path: "../../Sources/Kernel/Interfaces/NetworkDevice.swift")
        let code = try String(contentsOf: tests.appending(path: "Loopback.swift"), encoding: .utf8)
        let shown = try String(contentsOf: page, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false
        )
        .drop { !$0.hasPrefix("//     import") }
        .map { $0 == "//" ? "" : String($0.dropFirst(7)) }.joined(separator: "\n")
        #expect(shown.trimmingCharacters(in: .newlines) == code.trimmingCharacters(in: .newlines))
    }

    @Test func `a loop gives back what was sent, in order, and its buffers`() throws {
        let loop = Loopback(buffers: 3)
        for length in [14, 60, 1518] {
            try loop.transmit(length) { span in
                for index in 0..<length {
                    span.storeBytes(of: UInt8(length & 0xFF), toByteOffset: index, as: UInt8.self)
                }
            }
        }
        #expect(throws: NetworkError.full) { try loop.transmit(60) { _ in } }
        #expect(throws: NetworkError.length) { try loop.transmit(13) { _ in } }
        #expect(!loop.arm(.receive))
        var lengths: [Int] = []
        while let frame = loop.receive() {
            lengths.append(frame.count)
            let last = unsafe frame.bytes.unsafeLoad(fromByteOffset: frame.count - 1, as: UInt8.self)
            #expect(last == UInt8(frame.count & 0xFF))
        }
        #expect(lengths == [14, 60, 1518])
        #expect(loop.pool.freeCount == 3)
        #expect(loop.arm(.receive))
    }

    @Test(arguments: [1, 63, 64, 65, 300])
    func `a pool hands out each buffer once and takes them back from anywhere`(count: Int) async {
        var pool = FramePool(count: count)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 64)
        defer { unsafe memory.deallocate() }
        for _ in 0..<3 {
            var seen: Set<Int> = []
            while let index = pool.take() { seen.insert(index) }
            #expect(seen == Set(0..<count))
            #expect(pool.freeCount == 0)
            for index in seen {
                if index % 2 == 0 {
                    pool.giveBack(index)
                } else {
                    _ = unsafe pool.frame(index, of: .init(memory), 0..<64, checksum: .unknown)
                }
            }
            #expect(pool.freeCount == count)
        }
    }

    @Test func `a frame goes home when it ends on another thread`() async {
        var pool = FramePool(count: 64)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 64)
        defer { unsafe memory.deallocate() }
        for _ in 0..<64 {
            let frame = unsafe pool.frame(pool.take()!, of: .init(memory), 0..<14, checksum: .unknown)
            let thread = Thread { [box = Box(frame)] in box.drop() }
            thread.start()
        }
        let deadline = Date().addingTimeInterval(10)
        while pool.freeCount < 64 && Date() < deadline { try? await Task.sleep(for: .milliseconds(1)) }
        #expect(pool.freeCount == 64)
    }

    /// Carries a frame into a closure, which cannot own one.
    private final class Box: @unchecked Sendable {
        private var frame: ReceivedFrame?
        init(_ frame: consuming ReceivedFrame) { self.frame = consume frame }
        func drop() { frame = nil }
    }

    @Test func `a hardware address knows what it is`() {
        let address = HardwareAddress([0xDC, 0xA6, 0x32, 1, 2, 3])
        #expect(address.bits == 0xDCA6_3201_0203 && address[0] == 0xDC && address[5] == 3)
        #expect(address.isUsableByInterface && !address.isGroup)
        #expect(HardwareAddress.broadcast.isGroup && !HardwareAddress.broadcast.isUsableByInterface)
        #expect(!HardwareAddress(bits: 0).isUsableByInterface)
    }

    @Test func `half duplex has no flow control`() {
        let mode = LinkMode(.megabits100, isFullDuplex: false, obeysPause: true, sendsPause: true)
        #expect(!mode.obeysPause && !mode.sendsPause)
    }
}
