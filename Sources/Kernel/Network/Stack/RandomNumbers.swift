/// Numbers that nobody can guess who does not know the key: ports, identifications, times of retries.
struct RandomNumbers: Sendable {
    private let key: SecretKey
    private var count: UInt64 = 0

    init(_ key: SecretKey) { self.key = key }

    mutating func next() -> UInt64 {
        count &+= 1
        return KeyedHash.hash(RawSpan(), tail: count, key)
    }
}
