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
    func way(to destination: IPv4Address, on interface: InterfaceID? = nil) -> Way? {
        if destination.isLoopback { return Way(interface: .loopback, nextHop: destination, source: .loopback) }
        if interfaces.owner(of: destination) != nil {
            return Way(interface: .loopback, nextHop: destination, source: destination)
        }
        if destination.isLimitedBroadcast || destination.isMulticast {
            guard let chosen = interface ?? routes.route(to: destination)?.interface ?? firstUp else { return nil }
            let source = interfaces[chosen].address?.address ?? .unspecified
            return Way(interface: chosen, nextHop: destination, source: source)
        }
        guard let route = routes.route(to: destination, on: interface) else { return nil }
        return Way(interface: route.interface, nextHop: route.nextHop(to: destination), source: route.source)
    }

    private var firstUp: InterfaceID? {
        for index in 1..<max(interfaces.count, 1) {
            let id = InterfaceID(rawValue: UInt8(index))
            if interfaces[id].isUp { return id }
        }
        return nil
    }

    /// Sends the packet under `header`, whose payload `fill` writes with its checksums, by `way`: whole, or in fragments when the link takes
    /// no more and the header allows it.
    mutating func send(
        _ header: IPv4Header, by way: Way, _ now: Instant, into sink: inout some FrameSink & ~Copyable,
        _ fill: (inout MutableRawSpan) -> Void
    ) throws(StackError) {
        let unit = interfaces[way.interface].maximumTransmissionUnit
        let limit = header.dontFragment ? unit : pathMTUs.size(to: header.destination, linkSize: unit, now: now)
        if Int(header.totalLength) <= limit { return try sendWhole(header, by: way, now, into: &sink, fill) }
        identification &+= 1
        var named = header
        named.identification = identification
        guard var pieces = Fragmentation(named, linkSize: limit) else { throw .tooLong }
        var payload = [UInt8](repeating: 0, count: header.payload.count)
        var span = payload.mutableSpan
        // Bytes: every pattern of bits is a value.
        var raw = unsafe span.mutableBytes
        fill(&raw)
        while let piece = pieces.next() {
            let bytes = unsafe payload.span.bytes
            try sendWhole(piece.header, by: way, now, into: &sink) { $0.copy(bytes.extracting(piece.range), to: 0) }
        }
    }

    private mutating func sendWhole(
        _ header: IPv4Header, by way: Way, _ now: Instant, into sink: inout some FrameSink & ~Copyable,
        _ fill: (inout MutableRawSpan) -> Void
    ) throws(StackError) {
        let length = Int(header.totalLength)
        if way.interface == .loopback {
            loopback.append(length) { Self.write(header, into: &$0, fill) }
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
                    Self.write(header, into: &$0, fill)
                }
                return
            case .unreachable:
                statistics.unreachable &+= 1
                throw .unreachable
            }
        }
        let front = EthernetHeader(
            destination: destination, source: interfaces[way.interface].hardware, type: .ipv4)
        statistics.sentFrames &+= 1
        sink.transmit(EthernetHeader.length + length, on: way.interface) { frame in
            front.emit(into: &frame)
            var packet = frame._mutatingExtracting(EthernetHeader.length..<EthernetHeader.length + length)
            Self.write(header, into: &packet, fill)
        }
    }

    private static func write(
        _ header: IPv4Header, into packet: inout MutableRawSpan, _ fill: (inout MutableRawSpan) -> Void
    ) {
        header.emit(into: &packet)
        var payload = packet._mutatingExtracting(IPv4Header.length..<packet.byteCount)
        fill(&payload)
    }
}
