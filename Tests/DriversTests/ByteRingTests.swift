import Interfaces
import Testing

@Suite struct ByteRingTests {
    @Test func `a ring gives back what was put, in order`() {
        var ring = ByteRing<8>()
        for byte in 1...5 { _ = ring.put(UInt8(byte)) }
        var taken: [UInt8] = []
        while let byte = ring.take() { taken.append(byte) }
        #expect(taken == [1, 2, 3, 4, 5])
        let isEmpty = ring.isEmpty
        #expect(isEmpty)
    }

    @Test func `a ring holds its whole capacity and refuses one more`() {
        var ring = ByteRing<4>()
        let accepted = (0..<5).map { ring.put(UInt8($0)) }
        #expect(accepted == [true, true, true, true, false])
        let (count, space, first) = (ring.count, ring.space, ring.first)
        #expect(count == 4 && space == 0 && first == 0)
    }

    @Test(arguments: [UInt32.max - 2, .max, 0, 0x7FFF_FFFF])
    func `the indices run through their wrap`(start: UInt32) {
        var ring = ByteRing<4>(startingAt: start)
        var expected: UInt8 = 0
        for byte in UInt8(0)..<40 {
            let isPut = ring.put(byte)
            #expect(isPut)
            if byte % 4 == 3 {
                for _ in 0..<4 {
                    let taken = ring.take()
                    #expect(taken == expected)
                    expected += 1
                }
            }
        }
        let count = ring.count
        #expect(count == 0)
    }

    @Test func `a capacity that is no power of two traps`() async {
        await #expect(processExitsWith: .failure) { _ = ByteRing<6>() }
    }
}
