import Interfaces

/// UDP and echo sockets.
extension NetworkStack {
    /// Names a UDP or echo socket.
    public typealias SocketID = UDPDemultiplexer.SocketID
    /// What is known of a datagram that was taken: who sent it, to which address, and how long it was.
    public typealias ReceivedDatagram = (sender: Endpoint, destination: IPv4Address, length: Int)

    /// Opens a UDP socket.
    /// - Parameters:
    ///   - local: the address (unspecified for every one of this host) and port (0 for one that is free, at random).
    ///   - remote: the only end to talk with, or nil. Errors that ICMP reports come only to sockets that have one.
    ///   - interface: the only interface to use, or nil.
    /// - Throws: `.inUse`, `.full`, `.invalid` for addresses that are not IPv4.
    public mutating func openUDP(
        _ local: Endpoint, remote: Endpoint? = nil, on interface: InterfaceID? = nil
    ) throws(StackError) -> SocketID {
        guard let address = local.address.v4, remote == nil || remote?.address.v4 != nil else { throw .invalid }
        let id = nextSocketID()
        let port: Port
        do throws(UDPDemultiplexer.BindError) {
            port = try ports.bind(
                id, to: local, remote: remote, on: interface, random: UInt32(truncatingIfNeeded: random.next()))
        } catch {
            throw error == .inUse ? .inUse : .full
        }
        addSocket(.udp(address, port), id, interface, remote)
        return id
    }

    /// Opens a socket that sends ICMP echo requests and gets their answers.
    /// - Throws: `.full`.
    public mutating func openEcho() throws(StackError) -> SocketID {
        guard sockets.count < configuration.maximumSockets else { throw .full }
        let id = nextSocketID()
        var identifier = UInt16(truncatingIfNeeded: random.next())
        while sockets.contains(where: { $0.kind == .echo(identifier) }) { identifier &+= 1 }
        addSocket(.echo(identifier), id, nil, nil)
        return id
    }

    /// Closes a socket; what waits in it is gone.
    public mutating func close(_ id: SocketID) {
        ports.unbind(id)
        sockets.removeAll { $0.id == id }
    }

    /// Reminds the owner with each event of `socket`.
    public mutating func setOwner(_ owner: UInt, of socket: SocketID) {
        if let index = socketIndex(socket) { sockets[index].owner = owner }
    }

    /// The port of a UDP socket; 0 for an echo socket or one that is closed.
    public mutating func port(of socket: SocketID) -> Port {
        guard let index = socketIndex(socket), case .udp(_, let port) = sockets[index].kind else { return .any }
        return port
    }

    /// Sends a datagram of the parts `front` and `back`, one behind the other, to `remote`; of an echo socket, an echo request whose sequence number is the port.
    /// - Parameter source: the address to send from, rather than the socket's or the route's.
    /// - Throws: `.noRoute`, `.unreachable`, `.tooLong`, `.invalid`.
    public mutating func send(
        _ front: RawSpan, _ back: RawSpan = RawSpan(), from socket: SocketID, at source: IPv4Address? = nil,
        to remote: Endpoint, now: Instant, into sink: inout some FrameSink & ~Copyable
    ) throws(StackError) {
        guard let index = socketIndex(socket), let destination = remote.address.v4 else { throw .invalid }
        guard let way = way(to: destination, on: sockets[index].interface) else { throw .noRoute }
        let count = front.byteCount + back.byteCount
        guard count <= 65507 else { throw .tooLong }
        switch sockets[index].kind {
        case .udp(let local, let port):
            let source = source ?? (local.isUnspecified ? way.source : local)
            let datagram = UDPHeader(from: port, to: remote.port, payloadLength: count)
            var header = IPv4Header(.udp, from: source, to: destination, payloadLength: count + UDPHeader.length)
            header.dontFragment = false
            // No router passes on what is for the link alone, and who receives it may ask that none has (RFC 6762, section 11).
            if destination.isMulticast { header.timeToLive = destination.isLocalGroup ? 255 : 1 }
            statistics.sentDatagrams &+= 1
            let head = PacketHead(udp: datagram, front, back, from: source, to: destination)
            try send(header, head, front, back, by: way, now, into: &sink)
        case .echo(let identifier):
            let message = ICMPv4Message(.echoRequest(identifier: identifier, sequence: remote.port.rawValue))
            var header = IPv4Header(
                .icmp, from: way.source, to: destination, payloadLength: count + ICMPv4Message.length)
            header.dontFragment = false
            statistics.sentICMP &+= 1
            try send(header, PacketHead(message, front, back), front, back, by: way, now, into: &sink)
        }
    }

    /// Takes the oldest datagram that waits for `socket` and copies as much of it as fits to the front of `destination`.
    /// - Returns: who sent it (of an echo socket the port is the sequence number), to which address, and how long it was; nil when none waits.
    /// - Throws: what ICMP said of a datagram that was sent, once, when all that has arrived is taken; `.invalid`.
    public mutating func receive(
        from socket: SocketID, into destination: inout MutableRawSpan
    ) throws(StackError) -> ReceivedDatagram? {
        guard let index = socketIndex(socket) else { throw .invalid }
        // What has arrived is as good as before: an error never stands in its way, nor is it taken for the end of the queue.
        if let datagram = sockets[index].queue.take(into: &destination) { return datagram }
        if let error = sockets[index].error {
            sockets[index].error = nil
            throw error
        }
        return nil
    }

    // MARK: Arrival

    mutating func receiveDatagram(
        _ header: IPv4Header, _ payload: RawSpan, on id: InterfaceID, isForMany: Bool, _ checksum: ReceivedChecksum,
        _ now: Instant, into sink: inout some FrameSink & ~Copyable
    ) {
        let datagram: UDPHeader
        do throws(WireError) {
            datagram = try UDPHeader(
                parsing: payload, from: header.source, to: header.destination,
                isChecksumVerified: checksum.hasVerified(payload, .udp, from: header.source, to: header.destination))
        } catch {
            return countBad(error)
        }
        let sender = Endpoint(header.source, datagram.source)
        let receiver = Endpoint(header.destination, datagram.destination)
        guard let socket = ports.socket(from: sender, to: receiver, on: id), let index = socketIndex(socket) else {
            statistics.unclaimedDatagrams &+= 1
            return report(
                .unreachable(.port, nextHopMTU: 0), about: header, payload, isForMany: isForMany, now, into: &sink)
        }
        statistics.receivedDatagrams &+= 1
        take(payload.extracting(datagram.payload), from: sender, to: header.destination, at: index)
    }

    mutating func receiveEcho(
        _ body: RawSpan, _ identifier: UInt16, from sender: Endpoint, to destination: IPv4Address
    ) {
        for index in sockets.indices where sockets[index].kind == .echo(identifier) {
            take(body, from: sender, to: destination, at: index)
        }
    }

    private mutating func take(
        _ bytes: RawSpan, from sender: Endpoint, to destination: IPv4Address, at index: Int
    ) {
        guard sockets[index].queue.append(bytes, from: sender, to: destination) else {
            statistics.queueFull &+= 1
            return
        }
        // One event for a queue that has become filled: its owner takes all there is.
        if sockets[index].queue.count == 1 { events.append(.datagram(sockets[index].id)) }
    }

    // MARK: The table

    mutating func socketIndex(_ id: SocketID) -> Int? {
        for index in sockets.indices where sockets[index].id == id { return index }
        return nil
    }

    private mutating func nextSocketID() -> SocketID {
        lastSocket &+= 1
        return SocketID(rawValue: lastSocket)
    }

    private mutating func addSocket(
        _ kind: DatagramSocket.Kind, _ id: SocketID, _ interface: InterfaceID?, _ remote: Endpoint?
    ) {
        sockets.append(
            DatagramSocket(
                id: id, kind: kind, interface: interface, remote: remote,
                queue: DatagramQueue(capacity: configuration.datagramQueueSize)))
    }
}
