import Interfaces
import NTP

/// Answers to a client of three servers: a byte that says which one and how much time passes, then the packet, whose origin is the request's
/// where the byte's highest bit is set. The clock never goes backwards but where it is set, and says how sure it is.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = [UInt8](UnsafeBufferPointer(start: data, count: size))
    var clock = SteeredClock()
    var now = Instant(nanoseconds: 1)
    var client = NTPClient(servers: 3, now: now)
    var cookies = [NTPTimestamp](repeating: NTPTimestamp(bits: 0), count: 3)
    var random: UInt64 = 1
    var offset = 0
    while offset < input.count {
        let choice = input[offset]
        offset += 1
        let (server, end) = (Int(choice & 0x7F) % 3, min(input.count, offset + NTPPacket.length))
        var packet = Array(input[offset..<end])
        offset = end
        let (steps, before) = (client.steps, clock.time(at: now))
        now = now + .milliseconds(UInt64(choice & 0x7F) * 700 + 1)
        for index in 0..<3 {
            random = random &* 6_364_136_223_846_793_005 &+ 1
            if let request = client.request(to: index, random: random, clock: clock, now: now) {
                cookies[index] = request.transmit
            }
        }
        if choice & 0x80 != 0, packet.count == NTPPacket.length {
            for index in 0..<8 {
                packet[24 + index] = UInt8(truncatingIfNeeded: cookies[server].bits >> UInt64(56 - 8 * index))
            }
        }
        if let read = NTPPacket(parsing: packet.span.bytes) { precondition(read.encoded == Array(packet[..<48])) }
        client.receive(packet.span.bytes, from: server, clock: &clock, now: now)
        if client.steps == steps { precondition(clock.time(at: now) >= before || before > 1 << 62) }
        _ = client.status(of: server, clock, now: now)
        _ = clock.reading(at: now + .seconds(1000))
    }
    return 0
}
