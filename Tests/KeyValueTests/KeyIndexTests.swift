import Testing

@testable import KeyValue

@Suite struct KeyIndexTests {
    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `the index agrees with a dictionary, whatever is added and removed`(_ seed: UInt64) {
        var random = SplitMix(seed)
        var (index, model) = (KeyIndex(), [[UInt8]: UInt32]())
        let keys = [4, 40, 400, 2000, 30, 10][Int(seed) - 1]
        for round in 0..<4000 as Range<UInt32> {
            let key = [UInt8]("\(Int.random(in: 0..<keys, using: &random))".utf8)
            if Bool.random(using: &random) {
                let old = index.set(key, block: round, offset: 1, valueLength: 2)
                #expect(old?.block == model.updateValue(round, forKey: key))
            } else {
                #expect(index.remove(key)?.block == model.removeValue(forKey: key))
            }
            let other = [UInt8]("\(Int.random(in: 0..<keys, using: &random))".utf8)
            #expect(index.find(other).map { index.entries[$0].block } == model[other])
        }
        #expect(index.entries.count == model.count)
    }
}
