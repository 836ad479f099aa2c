/// 128 secret bits, from an entropy source, made once when the system starts.
public struct SecretKey: Sendable {
    let low: UInt64
    let high: UInt64

    /// The key of these two halves.
    public init(_ low: UInt64, _ high: UInt64) {
        self.low = low
        self.high = high
    }
}

/// SipHash-2-4 (Aumasson and Bernstein, 2012): short input, secret key, 64 bits that cannot be predicted without it.
struct KeyedHash {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64

    private init(_ key: SecretKey) {
        v0 = key.low ^ 0x736F_6D65_7073_6575
        v1 = key.high ^ 0x646F_7261_6E64_6F6D
        v2 = key.low ^ 0x6C79_6765_6E65_7261
        v3 = key.high ^ 0x7465_6462_7974_6573
    }

    private static func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 { word << count | word >> (64 - count) }

    private mutating func round() {
        v0 &+= v1
        v1 = Self.rotated(v1, 13) ^ v0
        v0 = Self.rotated(v0, 32)
        v2 &+= v3
        v3 = Self.rotated(v3, 16) ^ v2
        v0 &+= v3
        v3 = Self.rotated(v3, 21) ^ v0
        v2 &+= v1
        v1 = Self.rotated(v1, 17) ^ v2
        v2 = Self.rotated(v2, 32)
    }

    private mutating func compress(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    /// The hash of `bytes` under `key`. Linear in their count.
    static func hash(_ bytes: RawSpan, _ key: SecretKey) -> UInt64 { hash(bytes, tail: nil, key) }

    /// The hash of `bytes` followed by the eight octets of `tail`, least significant first, under `key`.
    static func hash(_ bytes: RawSpan, tail: UInt64?, _ key: SecretKey) -> UInt64 {
        var state = KeyedHash(key)
        var word: UInt64 = 0
        var length: UInt64 = 0
        for index in 0..<bytes.byteCount {
            let octet = unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            state.take(octet, &word, &length)
        }
        if let tail {
            for index in 0..<8 { state.take(UInt8(truncatingIfNeeded: tail >> UInt64(8 * index)), &word, &length) }
        }
        state.compress(word | (length & 0xFF) << 56)
        state.v2 ^= 0xFF
        for _ in 0..<4 { state.round() }
        return state.v0 ^ state.v1 ^ state.v2 ^ state.v3
    }

    private mutating func take(_ octet: UInt8, _ word: inout UInt64, _ length: inout UInt64) {
        word |= UInt64(octet) << (8 * (length & 7))
        length += 1
        if length & 7 == 0 {
            compress(word)
            word = 0
        }
    }
}
