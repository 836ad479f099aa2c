/// The bytes that decide what happens, read from the front. Behind the end every byte is zero.
struct Script {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The next step; nil at the end.
    mutating func next() -> UInt8? {
        guard position < bytes.count else { return nil }
        position += 1
        return bytes[position - 1]
    }

    mutating func byte() -> UInt8 { next() ?? 0 }

    /// A number of either sign, small ones likelier: a quarter exactly zero.
    mutating func offset() -> Int {
        let (kind, low) = (byte(), Int(byte()))
        switch kind & 7 {
        case 0, 1: return 0
        case 2: return low
        case 3: return -low
        case 4: return low << 8 | Int(byte())
        case 5: return -(low << 8 | Int(byte()))
        case 6: return Int(Int32(truncatingIfNeeded: low << 24 | Int(byte()) << 16))
        default: return low * 100
        }
    }
}
