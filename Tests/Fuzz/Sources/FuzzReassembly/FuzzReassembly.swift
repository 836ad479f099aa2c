import Interfaces
import Network

/// Four bytes a fragment: offset in units of 8, length, identification with the flag of the last, and a second step of time. The byte at each
/// place of a payload follows from the place, so that what comes out can be told right from wrong.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = [UInt8](UnsafeBufferPointer(start: data, count: size))
    var reassembler = Reassembler(datagrams: 3, size: 1000)
    var seconds: UInt64 = 0
    for start in stride(from: 0, to: size & ~3, by: 4) {
        let offset = Int(input[start]) * 8
        let isLast = input[start + 2] & 0x80 != 0
        let count = isLast ? Int(input[start + 1]) : max(Int(input[start + 1]) & ~7, 8)
        var header = IPv4Header(.udp, from: .loopback, to: .loopback, payloadLength: count)
        header.identification = UInt16(input[start + 2] & 7)
        header.fragmentOffset = UInt16(offset)
        header.moreFragments = !isLast
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: (offset + $0) &* 7) }
        seconds += UInt64(input[start + 3] & 7)
        let now = Instant(nanoseconds: seconds * 1_000_000_000)
        reassembler.advance(to: now) { check($0, $1) }
        _ = reassembler.receive(header, payload.span.bytes, now: now) { header, bytes in
            precondition(!header.isFragment && header.payload.count == bytes.byteCount)
            check(header, bytes)
        }
        precondition(reassembler.deadline > now)
    }
    return 0
}

/// Every byte is the one that was sent for its place.
private func check(_ header: IPv4Header, _ bytes: RawSpan) {
    precondition(bytes.byteCount <= 1000)
    for place in 0..<bytes.byteCount {
        precondition(bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self) == UInt8(truncatingIfNeeded: place &* 7))
    }
}
