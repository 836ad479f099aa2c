import Interfaces
import Testing

@testable import Network

struct FaultInjectorTests {
    /// What arrives of frames 0, 1, 2, ... that are sent a millisecond apart.
    private func run(_ faults: FaultInjector.Faults, seed: UInt64, frames: Int = 2000) -> [[UInt8]] {
        var link = FaultInjector(faults, seed: seed)
        var arrived: [[UInt8]] = []
        for number in 0..<frames {
            link.now = .at(Double(number) / 1000)
            link.transmit(4, on: InterfaceID(rawValue: 1)) { $0.set(0, UInt32(number)) }
            link.deliver(until: link.now) { bytes in arrived.append((0..<4).map { bytes.byte($0) }) }
        }
        while link.deadline != .never {
            link.deliver(until: link.deadline) { bytes in arrived.append((0..<4).map { bytes.byte($0) }) }
        }
        return arrived
    }

    private func number(_ frame: [UInt8]) -> Int { frame.reduce(0) { $0 << 8 | Int($1) } }

    @Test func `a perfect link changes nothing, however long it is`() {
        var faults = FaultInjector.Faults()
        for delay in [0, 50] as [UInt64] {
            faults.delay = .milliseconds(delay)
            #expect(run(faults, seed: 1).map(number) == Array(0..<2000))
        }
    }

    @Test func `chances come true, and the same seed does the same`() {
        var faults = FaultInjector.Faults()
        (faults.loss, faults.duplication) = (100, 0)
        #expect((1700...1900).contains(run(faults, seed: 1).count))
        (faults.loss, faults.duplication) = (0, 100)
        #expect((2100...2300).contains(run(faults, seed: 1).count))
        #expect(run(faults, seed: 3) == run(faults, seed: 3) && run(faults, seed: 3) != run(faults, seed: 4))
        (faults.duplication, faults.corruption) = (0, 100)
        let wrong = zip(run(faults, seed: 1).map(number), 0..<2000).map { ($0 ^ $1).nonzeroBitCount }
        #expect((100...300).contains(wrong.reduce(0, +)) && wrong.max() == 1)
    }

    @Test func `reordered frames all arrive, some late`() {
        var faults = FaultInjector.Faults()
        (faults.reordering, faults.delay) = (100, .milliseconds(5))
        let arrived = run(faults, seed: 1).map(number)
        #expect(arrived.sorted() == Array(0..<2000) && arrived != arrived.sorted())
    }
}

struct PacketCaptureTests {
    @Test func `a capture is what the format says`() {
        let capture = PacketCapture(snapLength: 3)
        #expect(
            written(24) { capture.emitFileHeader(into: &$0) }
                == hex("a1b23c4d 0002 0004 00000000 00000000 00000003 00000001"))
        let frame: [UInt8] = [1, 2, 3, 4]
        #expect(capture.recordLength(4) == 19 && capture.recordLength(2) == 18)
        let record = written(19) { capture.emit(frame.span.bytes, at: .at(2.5), into: &$0) }
        #expect(record == hex("00000002 1dcd6500 00000003 00000004 010203"))
    }
}
