/// Datagrams that wait for a socket: a ring of bytes, each datagram behind its sender, its destination and its length. What does not fit is
/// not taken.
struct DatagramQueue {
    private static let headerSize = 16
    private var storage: [UInt8] = []
    private let capacity: Int
    private var first = 0
    private var used = 0
    /// Datagrams in the queue.
    private(set) var count = 0

    /// Room for `capacity` bytes, 16 of them for each datagram's header. The memory comes with the first datagram.
    init(capacity: Int) { self.capacity = capacity }

    /// Takes a datagram that came from `sender` for `destination`; false when there is no room.
    mutating func append(_ bytes: RawSpan, from sender: Endpoint, to destination: IPv4Address) -> Bool {
        let needed = Self.headerSize + bytes.byteCount
        guard needed <= capacity - used, let address = sender.address.v4 else { return false }
        if storage.isEmpty { storage = Array(repeating: 0, count: capacity) }
        put(UInt64(address.bits) << 16 | UInt64(sender.port.rawValue), at: used)
        put(UInt64(destination.bits) << 32 | UInt64(bytes.byteCount), at: used + 8)
        copyIn(bytes, at: used + Self.headerSize)
        used += needed
        count += 1
        return true
    }

    /// Takes the oldest datagram out and copies as much of it as fits to the front of `destination`.
    /// - Returns: nil when there is none.
    mutating func take(into destination: inout MutableRawSpan) -> NetworkStack.ReceivedDatagram? {
        guard count > 0 else { return nil }
        let sender = number(at: 0)
        let (receiver, length) = (UInt32(number(at: 8) >> 32), Int(UInt32(truncatingIfNeeded: number(at: 8))))
        copyOut(min(length, destination.byteCount), at: Self.headerSize, into: &destination)
        let size = Self.headerSize + length
        first = (first + size) % capacity
        used -= size
        count -= 1
        let address = IPv4Address(bits: UInt32(truncatingIfNeeded: sender >> 16))
        let port = Port(rawValue: UInt16(truncatingIfNeeded: sender))
        return (Endpoint(address, port), IPv4Address(bits: receiver), length)
    }

    private func number(at offset: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<8 { value |= UInt64(storage[(first + offset + index) % capacity]) << UInt64(8 * index) }
        return value
    }

    private mutating func put(_ value: UInt64, at offset: Int) {
        for index in 0..<8 {
            storage[(first + offset + index) % capacity] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
        }
    }

    private mutating func copyIn(_ bytes: RawSpan, at offset: Int) {
        let start = (first + offset) % capacity
        let front = min(bytes.byteCount, capacity - start)
        var span = storage.mutableSpan
        // Bytes: every pattern of bits is a value.
        var raw = unsafe span.mutableBytes
        raw.copy(bytes.extracting(0..<front), to: start)
        if front < bytes.byteCount { raw.copy(bytes.extracting(front..<bytes.byteCount), to: 0) }
    }

    private func copyOut(_ length: Int, at offset: Int, into destination: inout MutableRawSpan) {
        let start = (first + offset) % capacity
        let front = min(length, capacity - start)
        let raw = unsafe storage.span.bytes
        destination.copy(raw.extracting(start..<start + front), to: 0)
        if front < length { destination.copy(raw.extracting(0..<length - front), to: front) }
    }
}
