/// What connections of one test have in common: each begins with it.
public struct IperfCookie: Equatable, Sendable {
    /// Bytes of a cookie as it is sent, a zero at its end.
    public static let length = 37
    /// The bytes.
    public let bytes: [UInt8]

    /// The cookie that was received; nil when it has another length.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }

    /// A cookie of random letters, as iperf3 makes them.
    public init(_ random: () -> UInt64) {
        let letters = ("abcdefghijklmnopqrstuvwxyz234567" as StaticString).octets
        var bytes: [UInt8] = []
        while bytes.count < Self.length - 1 {
            var number = random()
            for _ in 0..<12 where bytes.count < Self.length - 1 {
                bytes.append(letters[Int(number & 31)])
                number >>= 5
            }
        }
        self.bytes = bytes + [0]
    }
}
