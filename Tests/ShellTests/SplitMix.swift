/// A random number generator that a seed repeats.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// What hands might do to a keyboard, or noise to a line.
    mutating func keys() -> [UInt8] {
        let sequences: [[UInt8]] = [
            [0x1b, 0x5b, 0x41], [0x1b, 0x5b, 0x42], [0x1b, 0x5b, 0x43], [0x1b, 0x5b, 0x44], [0x1b, 0x5b, 0x48],
            [0x1b, 0x5b, 0x33, 0x7e], [0x1b, 0x62], [0x1b, 0x66], [0x1b, 0x5b, 0x31, 0x3b, 0x35, 0x44],
            Array("ü".utf8), Array("語".utf8), Array("🐦".utf8), [0x65, 0xcc, 0x81], Array("word ".utf8),
        ]
        switch below(10) {
        case 0: return [UInt8(truncatingIfNeeded: next())]
        case 1: return [UInt8(below(32))]
        case 2...5: return sequences[below(sequences.count)]
        default: return [UInt8(0x20 + below(95))]
        }
    }
}
