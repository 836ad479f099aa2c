import FuzzSupport
import Interfaces
import Network

/// A whole stack: the input is a sequence of frames, calls and times. Nothing traps, what is kept is bounded, and once everything was let
/// go and time has passed, nothing is left.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    var run = Run(Array(UnsafeBufferPointer(start: data, count: count)))
    run.start()
    while run.step() {}
    run.end()
    return 0
}

private let here = IPv4Address(10, 0, 0, 1)
private let there = IPv4Address(10, 0, 0, 2)
private let hardware = HardwareAddress(bits: 0x0200_0000_0001)
private let other = HardwareAddress(bits: 0x0200_0000_0002)

private struct Sink: FrameSink {
    var count = 0
    /// The last segment's numbers, so that a fuzzer gets beyond the handshake.
    var sequence: UInt32 = 0
    var acknowledgement: UInt32 = 0
    var ports: (UInt16, UInt16) = (0, 0)

    mutating func transmit(
        _ length: Int, on interface: InterfaceID, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) {
        precondition(length >= 14 && length <= 1514, "a frame of \(length) bytes")
        var bytes = [UInt8](repeating: 0, count: length)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        fill(&raw)
        count += 1
        precondition(count < 100_000, "a stack that does not stop sending")
        guard length >= 54, bytes[12] == 8, bytes[13] == 0, bytes[23] == 6 else { return }
        func word(_ offset: Int) -> UInt32 { (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[offset + $1]) } }
        (sequence, acknowledgement) = (word(38), word(42))
        ports = (UInt16(word(34) >> 16), UInt16(truncatingIfNeeded: word(34)))
    }
}

private struct Run: ~Copyable {
    var input: [UInt8]
    var position = 0
    var stack: NetworkStack
    var sink = Sink()
    var now = Instant(nanoseconds: 1_000_000_000)
    let interface: InterfaceID
    var connections: [ConnectionID] = []
    var listener: ListenerID
    var socket: NetworkStack.SocketID

    init(_ input: [UInt8]) {
        self.input = input
        var configuration = NetworkStack.Configuration()
        configuration.maximumConnections = 40
        configuration.maximumTimeWaits = 8
        configuration.bufferLimit = 1 << 20
        stack = NetworkStack(key: SecretKey(1, 2), configuration: configuration)
        interface = try! stack.addInterface(LinkDescription(hardware: hardware))
        listener = try! stack.listen(on: 80, backlog: 4)
        socket = try! stack.openUDP(Endpoint(.unspecified, 53))
    }

    mutating func start() {
        stack.setLink(isUp: true, of: interface, now: now)
        stack.setAddress(InterfaceAddress(here, prefixLength: 24), of: interface, now: now, into: &sink)
    }

    private mutating func byte() -> UInt8 {
        defer { position += 1 }
        return position < input.count ? input[position] : 0
    }

    private mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }

    mutating func step() -> Bool {
        guard position < input.count else { return false }
        switch byte() % 12 {
        case 0: frame(bytes(Int(byte())))
        case 1: packet(IPProtocol(rawValue: byte()), bytes(Int(byte())))
        case 2...4: segment()
        case 5: advance(.milliseconds(UInt64(byte())))
        case 6: advance(.seconds(UInt64(byte())))
        case 7: call()
        case 8:
            if let connection = try? stack.connect(to: Endpoint(there, 80), now: now) { connections.append(connection) }
        case 9: if let connection = stack.accept(from: listener) { connections.append(connection) }
        case 10: write()
        default: read()
        }
        stack.flush(now, into: &sink)
        while stack.nextEvent() != nil {}
        precondition(stack.connectionCount <= 40 && stack.timeWaitCount <= 8)
        precondition(stack.bufferedBytes <= 1 << 20 + 40 * 2 * BufferBudget.minimumBuffer + 40 * 4096)
        return true
    }

    private mutating func frame(_ bytes: [UInt8]) {
        stack.receive(bytes.span.bytes, checksum: .verified, on: interface, now: now, into: &sink)
    }

    private mutating func packet(_ number: IPProtocol, _ payload: [UInt8]) {
        var header = IPv4Header(number, from: there, to: here, payloadLength: payload.count)
        header.moreFragments = byte() == 1 && payload.count % 8 == 0 && payload.count > 0
        header.fragmentOffset = header.moreFragments ? UInt16(byte()) * 8 : 0
        var frame = [UInt8](repeating: 0, count: 34 + payload.count)
        var span = frame.mutableSpan
        var raw = span.mutableBytes
        EthernetHeader(destination: hardware, source: other, type: .ipv4).emit(into: &raw)
        var packet = raw._mutatingExtracting(14..<raw.byteCount)
        header.emit(into: &packet)
        for index in payload.indices { packet.storeBytes(of: payload[index], toByteOffset: 20 + index, as: UInt8.self) }
        self.frame(frame)
    }

    /// A segment near what the stack has sent last: numbers a little off, any flags, some data.
    private mutating func segment() {
        let flags = byte()
        let (ahead, back) = (UInt32(byte()), UInt32(byte()))
        let (local, remote) = flags & 0x40 == 0 ? sink.ports : (80, 1000 + UInt16(byte()))
        let offset = 5 + UInt8(byte() % 4)
        var tcp = [
            UInt8(remote >> 8), UInt8(truncatingIfNeeded: remote), UInt8(local >> 8), UInt8(truncatingIfNeeded: local),
        ]
        for number in [sink.acknowledgement &+ ahead, sink.sequence &+ 1 &- back] {
            for shift in [24, 16, 8, 0] as [UInt32] { tcp.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        tcp += [offset << 4, flags & 0x3F, byte(), byte(), 0, 0, 0, 0]
        tcp += bytes(Int(offset - 5) * 4 + Int(byte() % 64))
        packet(.tcp, tcp)
    }

    private mutating func advance(_ interval: Interval) {
        let end = now + interval
        // A bound on timers that fire in between; what is left fires late.
        for _ in 0..<100 where stack.deadline <= end {
            now = max(now, stack.deadline)
            stack.advance(to: now, into: &sink)
        }
        now = end
        stack.advance(to: now, into: &sink)
    }

    private mutating func call() {
        guard !connections.isEmpty else { return }
        let connection = connections[Int(byte()) % connections.count]
        switch byte() % 4 {
        case 0: try? stack.withConnection(connection) { $0.close() }
        case 1: try? stack.withConnection(connection) { $0.abort() }
        case 2: stack.release(connection, linger: now + .seconds(5), now: now)
        default: stack.setLink(isUp: byte() & 1 == 0, of: interface, now: now)
        }
    }

    private mutating func write() {
        guard !connections.isEmpty else { return }
        let connection = connections[Int(byte()) % connections.count]
        let data = [UInt8](repeating: 1, count: Int(byte()) * 64)
        _ = try? stack.write(data.span.bytes, to: connection)
    }

    private mutating func read() {
        for connection in connections { _ = try? stack.read(from: connection) { $0.byteCount } }
        var buffer = [UInt8](repeating: 0, count: 100)
        var span = buffer.mutableSpan
        var raw = span.mutableBytes
        _ = try? stack.receive(from: socket, into: &raw)
    }

    mutating func end() {
        for connection in connections { stack.release(connection, linger: now + .seconds(60), now: now) }
        stack.close(listener, now: now, into: &sink)
        stack.flush(now, into: &sink)
        while stack.nextEvent() != nil {}
        var rounds = 0
        while stack.connectionCount + stack.timeWaitCount > 0 {
            rounds += 1
            precondition(rounds < 20_000, "connections that never end")
            if stack.deadline == .never { break }
            now = max(now, stack.deadline)
            stack.advance(to: now, into: &sink)
            sink.count = 0
            while stack.nextEvent() != nil {}
        }
        precondition(stack.connectionCount == 0 && stack.bufferedBytes == 0, "something is left")
    }
}
