import Interfaces
import Network

/// Two connections and the packets between them: each is a whole IPv4 datagram, with both checksums computed and checked.
struct MemoryLink: ~Copyable {
    private(set) var received = 0
    private(set) var frames = 0
    private var left: TransmissionControlBlock
    private var right: TransmissionControlBlock
    private var toRight = FrameQueue()
    private var toLeft = FrameQueue()
    private var now = Instant(nanoseconds: 1_000_000)

    private static let leftAddress = IPv4Address(10, 0, 0, 1)
    private static let rightAddress = IPv4Address(10, 0, 0, 2)

    init() {
        let configuration = TCPConfiguration()
        left = TransmissionControlBlock(opening: configuration, initial: SequenceNumber(1), now: now)
        right = TransmissionControlBlock(listening: configuration, initial: SequenceNumber(2))
    }

    /// Carries `total` octets from left to right.
    mutating func carry(_ total: Int) {
        let chunk = [UInt8](repeating: 1, count: 65536)
        var written = 0
        while received < total {
            while written < total, left.writableCount > 0 {
                let length = min(chunk.count, total - written)
                written += (try? left.write(chunk.span.bytes.extracting(0..<length))) ?? 0
            }
            Self.transmit(&left, from: Self.leftAddress, to: Self.rightAddress, &toRight, now)
            frames += toRight.count
            received += Self.deliver(&toRight, to: &right, at: Self.rightAddress, from: Self.leftAddress, now)
            Self.transmit(&right, from: Self.rightAddress, to: Self.leftAddress, &toLeft, now)
            frames += toLeft.count
            _ = Self.deliver(&toLeft, to: &left, at: Self.leftAddress, from: Self.rightAddress, now)
            now = now + .microseconds(20)
        }
    }

    private static func transmit(
        _ connection: inout TransmissionControlBlock, from source: IPv4Address, to destination: IPv4Address,
        _ queue: inout FrameQueue, _ now: Instant
    ) {
        while !queue.isFull, let segment = connection.poll(now: now) {
            let header = TCPHeader(from: 5001, to: 5001, segment.header)
            let length = header.dataOffset + segment.payloadCount
            queue.append(20 + length) { packet in
                IPv4Header(.tcp, from: source, to: destination, payloadLength: length).emit(into: &packet)
                var body = packet._mutatingExtracting(20..<20 + length)
                var payload = body._mutatingExtracting(header.dataOffset..<length)
                connection.copyPayload(of: segment, into: &payload)
                header.emit(into: &body, from: source, to: destination)
            }
        }
    }

    /// Hands over what is under way; gives how many octets the application got.
    private static func deliver(
        _ queue: inout FrameQueue, to connection: inout TransmissionControlBlock, at address: IPv4Address,
        from peer: IPv4Address, _ now: Instant
    ) -> Int {
        var count = 0
        queue.drain { packet in
            guard let datagram = try? IPv4Header(parsing: packet), datagram.destination == address,
                datagram.source == peer
            else { return }
            let body = packet.extracting(datagram.payload)
            guard let header = try? TCPHeader(parsing: body, from: peer, to: address) else { return }
            connection.receive(header.segment, payload: body.extracting(header.dataOffset..<body.byteCount), now: now)
        }
        while connection.readableCount > 0 {
            let length = connection.withReadable { $0.byteCount }
            connection.consume(length)
            count += length
        }
        return count
    }
}
