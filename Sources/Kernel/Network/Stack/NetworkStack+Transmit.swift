import Interfaces

/// From the packet to the frame.
extension NetworkStack {
    /// Where a packet goes out, to whom on the link, and from which address.
    struct Way {
        var interface: InterfaceID
        var nextHop: IPv4Address
        var source: IPv4Address
    }

    /// The way to `destination`; nil when there is none.
    /// - Parameter interface: the only one to use, or nil for any.
    mutating func way(to destination: IPv4Address, on interface: InterfaceID? = nil) -> Way? {
        if destination.isLoopback { return Way(interface: .loopback, nextHop: destination, source: .loopback) }
        if interfaces.owner(of: destination) != nil {
            return Way(interface: .loopback, nextHop: destination, source: destination)
        }
        if destination.isLimitedBroadcast || destination.isMulticast {
            guard let chosen = interface ?? routes.route(to: destination)?.interface ?? firstUp() else { return nil }
            let source = interfaces[chosen].address?.address ?? .unspecified
            return Way(interface: chosen, nextHop: destination, source: source)
        }
        guard let route = routes.route(to: destination, on: interface) else { return nil }
        return Way(interface: route.interface, nextHop: route.nextHop(to: destination), source: route.source)
    }

    private mutating func firstUp() -> InterfaceID? {
        for index in 1..<max(interfaces.count, 1) {
            let id = InterfaceID(rawValue: UInt8(index))
            if interfaces[id].isUp { return id }
        }
        return nil
    }

    /// Sends the packet under `header`, whose payload is `head`, `front` and `back`, by `way`: whole, or in fragments when the link takes no
    /// more and the header allows it.
    mutating func send(
        _ header: IPv4Header, _ head: PacketHead, _ front: RawSpan = RawSpan(), _ back: RawSpan = RawSpan(),
        by way: Way, _ now: Instant, into sink: inout some FrameSink & ~Copyable
    ) throws(StackError) {
        let unit = interfaces[way.interface].maximumTransmissionUnit
        let limit = header.dontFragment ? unit : pathMTUs.size(to: header.destination, linkSize: unit, now: now)
        var named = header
        if !header.dontFragment {
            // A router may cut it, and its pieces must be told from those of others (RFC 6864, section 4.3).
            identification &+= 1
            named.identification = identification
        }
        if Int(header.totalLength) <= limit {
            return try sendWhole(named, head.bytes, front, back, by: way, now, into: &sink)
        }
        guard var pieces = Fragmentation(named, linkSize: limit) else { throw .tooLong }
        var payload = [UInt8](repeating: 0, count: header.payload.count)
        var span = payload.mutableSpan
        // Bytes: every pattern of bits is a value.
        var raw = unsafe span.mutableBytes
        Self.write(head.bytes, front, back, into: &raw)
        while let piece = pieces.next() {
            try unsafe sendWhole(
                piece.header, payload.span.bytes.extracting(piece.range), RawSpan(), RawSpan(), by: way, now,
                into: &sink)
        }
    }

    private mutating func sendWhole(
        _ header: IPv4Header, _ head: RawSpan, _ front: RawSpan, _ back: RawSpan, by way: Way, _ now: Instant,
        into sink: inout some FrameSink & ~Copyable
    ) throws(StackError) {
        let length = Int(header.totalLength)
        if way.interface == .loopback {
            loopback.append(length) { Self.write(header, head, front, back, into: &$0) }
            return
        }
        let destination: HardwareAddress
        if let group = interfaces[way.interface].groupAddress(of: header.destination) {
            destination = group
        } else {
            switch interfaces[way.interface].neighbors.resolve(way.nextHop, now: now, into: &sink) {
            case .known(let address): destination = address
            case .waiting:
                interfaces[way.interface].neighbors.hold(length, for: way.nextHop) {
                    Self.write(header, head, front, back, into: &$0)
                }
                return
            case .unreachable:
                statistics.unreachable &+= 1
                throw .unreachable
            }
        }
        let ethernet = EthernetHeader(
            destination: destination, source: interfaces[way.interface].hardware, type: .ipv4)
        statistics.sentFrames &+= 1
        sink.transmit(EthernetHeader.length + length, on: way.interface) { frame in
            ethernet.emit(into: &frame)
            var packet = frame._mutatingExtracting(EthernetHeader.length..<EthernetHeader.length + length)
            Self.write(header, head, front, back, into: &packet)
        }
    }

    @inline(never)
    private static func write(
        _ header: IPv4Header, _ head: RawSpan, _ front: RawSpan, _ back: RawSpan, into packet: inout MutableRawSpan
    ) {
        header.emit(into: &packet)
        var payload = packet._mutatingExtracting(IPv4Header.length..<packet.byteCount)
        write(head, front, back, into: &payload)
    }

    private static func write(
        _ head: RawSpan, _ front: RawSpan, _ back: RawSpan, into payload: inout MutableRawSpan
    ) {
        payload.copy(head, to: 0)
        payload.copy(front, to: head.byteCount)
        payload.copy(back, to: head.byteCount + front.byteCount)
    }
}
