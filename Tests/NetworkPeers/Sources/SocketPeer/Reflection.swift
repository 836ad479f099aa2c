import Glibc
import PeerPattern

/// How many full frames a second come back from a host that reflects them: what a cable and a driver carry, without protocols.
struct Reflection {
    private static let length = 1514
    private static let window = 128
    private let interface: String
    private let seconds: Int
    private let hardware: [UInt8]

    init(_ options: Options) {
        interface = options.text("interface") ?? "tap0"
        seconds = options.number("seconds", or: 2)
        hardware = PacketAddress.hardware(options.text("hardware") ?? "02:00:00:00:4e:02")
    }

    /// Keeps a window of frames under way, and prints how many bytes of frames came back.
    func run() {
        let address = PacketAddress(interface)
        // "Local experimental" (IEEE 802, annex): no protocol of anybody.
        let frame = hardware + [0x02, 0, 0, 0, 0x4E, 0xFF, 0x88, 0xB5] + [UInt8](repeating: 7, count: Self.length - 14)
        var buffer = [UInt8](repeating: 0, count: 2048)
        var (sent, back, forgotten) = (0, 0, 0)
        let start = microseconds()
        while microseconds() - start < seconds * 1_000_000 {
            while sent - back - forgotten < Self.window, address.send(frame) { sent += 1 }
            var descriptor = pollfd(fd: address.socket, events: Int16(POLLIN), revents: 0)
            // Frames that are lost leave the window.
            if poll(&descriptor, 1, 100) == 0 { forgotten = sent - back }
            while true {
                let count = buffer.withUnsafeMutableBytes {
                    recv(address.socket, $0.baseAddress!, $0.count, Int32(MSG_DONTWAIT))
                }
                if count < 0 { break }
                if count == Self.length, buffer[12] == 0x88, buffer[13] == 0xB5, buffer[6..<12] == hardware[...] {
                    back += 1
                }
            }
        }
        SocketPeer.say("bytes \(back * Self.length) microseconds \(microseconds() - start)")
    }
}
