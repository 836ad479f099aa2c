import Interfaces

/// TCP connections, as applications use them. What a call leaves to be sent goes out with the next `flush`.
extension NetworkStack {
    /// Opens a connection to `remote`. Whether it comes about is told by events.
    /// - Throws: `.noRoute`, `.full`, `.invalid` for an address that no single host has.
    public mutating func connect(
        to remote: Endpoint, configuration: TCPConfiguration? = nil, now: Instant
    ) throws(StackError) -> ConnectionID {
        guard let destination = remote.address.v4, destination.isUnicast, remote.port != .any else { throw .invalid }
        guard let way = way(to: destination) else { throw .noRoute }
        guard let key = freeKey(way.source, destination, remote.port) else { throw .full }
        var configuration = configuration ?? self.configuration.tcp
        configuration.maximumSegmentSize = segmentSize(to: destination, now)
        configuration.timestampOffset = UInt32(truncatingIfNeeded: random.next())
        let initial = key.withOctets { InitialSequence.number(flow: $0, key: self.key, now: now) }
        let block = TransmissionControlBlock(opening: configuration, initial: initial, now: now)
        guard let index = connections.insert(block, key) else { throw .full }
        statistics.activeOpens &+= 1
        noteToPoll(index)
        return connections.id(index)
    }

    /// A key with a random port of this end that no connection has (RFC 6056, section 3.3.1).
    private mutating func freeKey(_ local: IPv4Address, _ remote: IPv4Address, _ port: Port) -> FlowKey? {
        for _ in 0..<256 {
            let own = Port(rawValue: UInt16(49152 + random.next() % 16384))
            let key = FlowKey(local, own, remote, port)
            if connections.find(key) == nil, timeWaits.find(key) == nil { return key }
        }
        return nil
    }

    /// Octets of a full segment on the way to `remote`.
    mutating func segmentSize(to remote: IPv4Address, _ now: Instant) -> UInt16 {
        guard let way = way(to: remote) else { return 536 }
        let unit = interfaces[way.interface].maximumTransmissionUnit
        return UInt16(min(pathMTUs.size(to: remote, linkSize: unit, now: now), 65535) - 40)
    }

    /// Reminds the owner with each event of `connection` from now on.
    public mutating func setOwner(_ owner: UInt, of connection: ConnectionID) {
        if let index = connections.index(connection) { connections[index].owner = owner }
    }

    /// Both ends of `connection`; nil when it is gone.
    public mutating func endpoints(of connection: ConnectionID) -> (local: Endpoint, remote: Endpoint)? {
        guard let index = connections.index(connection) else { return nil }
        let key = connections[index].key
        return (Endpoint(key.local, key.localPort), Endpoint(key.remote, key.remotePort))
    }

    /// Copies what has arrived, as much as fits, to the front of `destination` and returns how much: see `TransmissionControlBlock.read`.
    public mutating func read(
        from connection: ConnectionID, into destination: inout MutableRawSpan
    ) throws(TCPError) -> Int {
        let index = try find(connection)
        let count = try connections[index].block.read(into: &destination)
        if count > 0, connections[index].block.owesAcknowledgement { noteToPoll(index) }
        return count
    }

    /// Lends what has arrived and lies in one piece to `body`, which returns how much of it it has used up.
    public mutating func read(
        from connection: ConnectionID, _ body: (RawSpan) -> Int
    ) throws(TCPError) -> Int {
        let index = try find(connection)
        let count = connections[index].block.withReadable(body)
        connections[index].block.consume(count)
        if count > 0, connections[index].block.owesAcknowledgement { noteToPoll(index) }
        return count
    }

    /// Copies what has arrived from the octet `offset` on to the front of `destination`, where it stays to be read; returns how much.
    public mutating func peek(
        at offset: Int, from connection: ConnectionID, into destination: inout MutableRawSpan
    ) -> Int {
        guard let index = connections.index(connection) else { return 0 }
        return connections[index].block.peek(at: offset, into: &destination)
    }

    /// Takes `count` octets that `peek` has shown out of what is to be read.
    public mutating func discard(_ count: Int, from connection: ConnectionID) {
        guard let index = connections.index(connection) else { return }
        connections[index].block.consume(count)
        if connections[index].block.owesAcknowledgement { noteToPoll(index) }
    }

    /// Copies as much of `bytes` as there is room for and returns how much: see `TransmissionControlBlock.write`.
    public mutating func write(_ bytes: RawSpan, to connection: ConnectionID) throws(TCPError) -> Int {
        let index = try find(connection)
        let count = try connections[index].block.write(bytes, &budget)
        if count > 0 { noteToPoll(index) }
        return count
    }

    /// Calls `body` with the control block of `connection`, to ask it or to change it, and notes that it may have something to send.
    public mutating func withConnection<R>(
        _ connection: ConnectionID, _ body: (inout TransmissionControlBlock) -> R
    ) throws(TCPError) -> R {
        let index = try find(connection)
        let result = body(&connections[index].block)
        noteToPoll(index)
        return result
    }

    private mutating func find(_ connection: ConnectionID) throws(TCPError) -> UInt32 {
        guard let index = connections.index(connection) else { throw .notConnected }
        return index
    }

    /// Asks the control block of `connection`; nil when the connection is gone.
    public mutating func ask<R>(
        _ connection: ConnectionID, _ question: (borrowing TransmissionControlBlock) -> R
    ) -> R? {
        guard let index = connections.index(connection) else { return nil }
        return question(connections[index].block)
    }

    /// Lets go of `connection`: it ends in its own time, after what was written has been sent; with a reset at `linger`.
    public mutating func release(_ connection: ConnectionID, linger: Instant = .never, now: Instant) {
        guard let index = connections.index(connection) else { return }
        connections[index].owner = 0
        connections[index].isReleased = true
        connections[index].block.release(linger: linger, now: now)
        noteToPoll(index)
    }

    /// How many connections there are, in whatever state.
    public var connectionCount: Int { connections.count }

    /// How many connections are in TIME-WAIT, beside those.
    public var timeWaitCount: Int { timeWaits.count }

    /// Bytes that connections hold in buffers.
    public var bufferedBytes: Int { budget.used }

    /// Calls `body` with the ends and the control block of each connection.
    public func forEachConnection(
        _ body: (_ local: Endpoint, _ remote: Endpoint, borrowing TransmissionControlBlock) -> Void
    ) {
        connections.forEach { index in
            let key = connections[index].key
            body(Endpoint(key.local, key.localPort), Endpoint(key.remote, key.remotePort), connections[index].block)
        }
    }

    /// Calls `body` with the address and port of each listener, its backlog, and how many connections wait.
    public func forEachListener(_ body: (IPv4Address, Port, _ backlog: Int, _ waiting: Int) -> Void) {
        for listener in listeners {
            body(listener.address, listener.port, listener.backlog.backlog, listener.backlog.waiting)
        }
    }

    // MARK: Segments

    mutating func receiveSegment(
        _ payload: RawSpan, from source: IPv4Address, to destination: IPv4Address, _ checksum: ReceivedChecksum,
        _ now: Instant, into sink: inout some FrameSink & ~Copyable
    ) {
        let tcp: TCPHeader
        do throws(WireError) {
            tcp = try TCPHeader(
                parsing: payload, from: source, to: destination,
                isChecksumVerified: checksum.hasVerified(payload, .tcp, from: source, to: destination))
        } catch {
            return countBad(error)
        }
        statistics.receivedSegments &+= 1
        let key = FlowKey(destination, tcp.destination, source, tcp.source)
        let data = payload.extracting(tcp.dataOffset..<payload.byteCount)
        if let index = connections.find(key) {
            if connections[index].isHalfOpen, !resume(index, tcp.segment, now) { return }
            connections[index].block.receive(tcp.segment, payload: data, &budget, now: now)
            collectEvents(index)
            if connections[index].block.mustPollAtOnce { poll(index, now, into: &sink) } else { noteToPoll(index) }
        } else if let index = timeWaits.find(key) {
            receive(tcp.segment, data, key, inTimeWait: index, now, into: &sink)
        } else if let place = listenerPlace(key.local, key.localPort) {
            receive(tcp.segment, data, key, at: place, now, into: &sink)
        } else if let answer = TransmissionControlBlock.reset(for: tcp.segment, payloadCount: data.byteCount) {
            reply(answer, key, now, into: &sink)
        }
    }

    private mutating func receive(
        _ segment: SegmentHeader, _ data: RawSpan, _ key: FlowKey, inTimeWait index: UInt32, _ now: Instant,
        into sink: inout some FrameSink & ~Copyable
    ) {
        var reaction = timeWaits.receive(segment, payloadCount: data.byteCount, at: index, now: now)
        if case .reopen(let least) = reaction {
            if let place = listenerPlace(key.local, key.localPort) {
                timeWaits.remove(index)
                return receive(segment, data, key, at: place, least: least, now, into: &sink)
            }
            reaction = timeWaits.challenge(at: index, now: now)
        }
        switch reaction {
        case .drop, .reopen: break
        case .reply(let answer): reply(answer, key, now, into: &sink)
        case .end: timeWaits.remove(index)
        }
    }

    /// Ends every connection from `address`, which is ours no more.
    mutating func abortConnections(
        from address: IPv4Address, _ now: Instant, into sink: inout some FrameSink & ~Copyable
    ) {
        var affected: [UInt32] = []
        connections.forEach { if connections[$0].key.local == address { affected.append($0) } }
        for index in affected {
            connections[index].block.abort()
            collectEvents(index)
            poll(index, now, into: &sink)
        }
    }

    /// Notes what has changed at `index` since the last look.
    @inline(__always)
    mutating func collectEvents(_ index: UInt32) {
        if !connections[index].block.events.isEmpty { takeEvents(index) }
    }

    private mutating func takeEvents(_ index: UInt32) {
        let news = connections[index].block.takeEvents()
        if connections[index].isHalfOpen, news.contains(.established) { endHandshake(index, isEstablished: true) }
        connections[index].events.formUnion(news)
        guard connections[index].owner != 0, !connections[index].hasEvents else { return }
        connections[index].hasEvents = true
        connections[index].nextWithEvents = ConnectionRecord.none
        if firstWithEvents == ConnectionRecord.none {
            firstWithEvents = index
        } else {
            connections[lastWithEvents].nextWithEvents = index
        }
        lastWithEvents = index
    }
}
