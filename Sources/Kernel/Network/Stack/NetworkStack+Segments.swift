import Interfaces

/// Sending TCP's segments.
extension NetworkStack {
    /// Puts the connection at `index` into the line of those that are asked what they have to send.
    mutating func noteToPoll(_ index: UInt32) {
        if connections[index].isToPoll { return }
        connections[index].isToPoll = true
        connections[index].nextToPoll = ConnectionRecord.none
        if firstToPoll == ConnectionRecord.none {
            firstToPoll = index
        } else {
            connections[lastToPoll].nextToPoll = index
        }
        lastToPoll = index
    }

    /// Asks all that stand in line, until there is no room.
    mutating func pollWaiting(_ now: Instant, into sink: inout some FrameSink & ~Copyable) {
        // Those that find no room come back to the end of the line, and are not asked again in this round.
        let last = lastToPoll
        while firstToPoll != ConnectionRecord.none {
            let index = firstToPoll
            firstToPoll = connections[index].nextToPoll
            if firstToPoll == ConnectionRecord.none { lastToPoll = ConnectionRecord.none }
            connections[index].isToPoll = false
            poll(index, now, into: &sink)
            if index == last { break }
        }
    }

    /// Sends what the connection at `index` has to send, and sees to its deadline and its end.
    mutating func poll(_ index: UInt32, _ now: Instant, into sink: inout some FrameSink & ~Copyable) {
        var room = self.room(for: index, in: &sink)
        while room > 0, let segment = connections[index].block.poll(now: now) {
            send(segment, of: index, now, into: &sink)
            room -= 1
        }
        if room <= 0 { noteToPoll(index) }
        collectEvents(index)
        settle(index, now)
    }

    private mutating func room(for index: UInt32, in sink: inout some FrameSink & ~Copyable) -> Int {
        // One that has sent nothing yet has no way, and must not wait for room on another's.
        if connections[index].path.version == 0, let way = way(to: connections[index].key.remote) {
            connections[index].path.interface = way.interface
        }
        let interface = connections[index].path.interface
        return interface == .loopback ? LoopbackQueue.capacity - loopback.count : sink.room(on: interface)
    }

    /// Notes the deadline of the connection at `index`, or its end.
    private mutating func settle(_ index: UInt32, _ now: Instant) {
        if connections[index].block.state == .closed, connections[index].isHalfOpen {
            endHandshake(index, isEstablished: false)
            connections[index].isReleased = true
        }
        if removeIfOver(index) { return }
        if connections[index].isReleased, connections[index].block.state == .timeWait,
            let record = connections[index].block.timeWaitRecord,
            !connections[index].isToPoll, !connections[index].hasEvents
        {
            timeWaits.insert(connections[index].key, record)
            remove(index)
            return
        }
        // One that waits for room is asked when there is some. A deadline that has come would only be found again.
        if connections[index].isToPoll { return }
        connections.schedule(index, at: min(connections[index].block.deadline, idleCheck(index, now)))
    }

    /// When to see whether the buffers of the connection at `index` lie idle; `.never` while they are in use, or gone.
    private mutating func idleCheck(_ index: UInt32, _ now: Instant) -> Instant {
        let hasIdleMemory = connections[index].block.footprint > 0 && connections[index].block.unacknowledgedCount == 0
        return hasIdleMemory ? now + Self.idleTime : .never
    }

    /// How long a connection keeps buffers that are empty.
    private static var idleTime: Interval { .seconds(2) }

    /// Does what connections want whose time has come. Each has its turn once: one whose time has come again by that is not waited for.
    mutating func expireConnections(_ now: Instant, into sink: inout some FrameSink & ~Copyable) {
        for _ in 0..<connections.count {
            guard let index = connections.dueIndex(now) else { return }
            expire(index, now, into: &sink)
        }
        assert(connections.dueIndex(now) == nil, "NetworkStack: a deadline that was seen to has come again")
    }

    /// Does what the connection at `index`, whose time has come, wants.
    private mutating func expire(_ index: UInt32, _ now: Instant, into sink: inout some FrameSink & ~Copyable) {
        let deadline = connections[index].block.deadline
        if deadline <= now {
            connections.reschedule(index, at: .never)
            return poll(index, now, into: &sink)
        }
        let idle = connections[index].block.lastActivity + Self.idleTime
        if idle <= now {
            connections[index].block.releaseIdleMemory(&budget)
            connections.reschedule(index, at: deadline)
        } else {
            connections.reschedule(index, at: min(deadline, idle))
        }
    }

    private mutating func remove(_ index: UInt32) {
        connections[index].block.relinquish(&budget)
        connections.remove(index)
    }

    /// Removes the connection at `index` when it is closed, nobody asks for it, and it stands in no line.
    @discardableResult
    mutating func removeIfOver(_ index: UInt32) -> Bool {
        guard connections[index].isReleased, connections[index].block.state == .closed,
            !connections[index].isToPoll, !connections[index].hasEvents
        else { return false }
        remove(index)
        return true
    }

    // MARK: Frames

    private mutating func send(
        _ segment: OutgoingSegment, of index: UInt32, _ now: Instant, into sink: inout some FrameSink & ~Copyable
    ) {
        statistics.sentSegments &+= 1
        if connections[index].path.version != pathVersion {
            guard findPath(index, segment, now, into: &sink) else { return }
        }
        if connections[index].path.interface == .loopback {
            Self.loop(segment, of: index, in: &connections, into: &loopback)
            return
        }
        statistics.sentFrames &+= 1
        Self.transmit(segment, of: &connections[index], into: &sink)
    }

    /// Looks up the way of the connection at `index`. Where the neighbour has to be asked first, the segment waits for it there.
    /// - Returns: false when the segment is not to be sent any more.
    private mutating func findPath(
        _ index: UInt32, _ segment: OutgoingSegment, _ now: Instant, into sink: inout some FrameSink & ~Copyable
    ) -> Bool {
        let key = connections[index].key
        guard let way = way(to: key.remote) else {
            statistics.unreachable &+= 1
            return false
        }
        connections[index].path.interface = way.interface
        if way.interface != .loopback {
            switch interfaces[way.interface].neighbors.resolve(way.nextHop, now: now, into: &sink) {
            case .known(let address):
                connections[index].path.template = SegmentTemplate(
                    key, to: address, from: interfaces[way.interface].hardware,
                    isCompletedByDevice: interfaces[way.interface].capabilities.contains(.transmitChecksum))
            case .waiting:
                Self.hold(
                    segment, of: index, in: &connections, for: way.nextHop, at: &interfaces[way.interface].neighbors)
                return false
            case .unreachable:
                statistics.unreachable &+= 1
                connections[index].block.reportUnreachable(isRefused: false)
                return false
            }
        }
        connections[index].path.version = pathVersion
        return true
    }

    /// Sends a segment that belongs to no connection.
    mutating func reply(
        _ segment: SegmentHeader, _ key: FlowKey, _ now: Instant, into sink: inout some FrameSink & ~Copyable
    ) {
        guard let way = way(to: key.remote) else { return }
        statistics.sentSegments &+= 1
        if segment.flags.contains(.rst) { statistics.sentResets &+= 1 }
        let tcp = TCPHeader(from: key.localPort, to: key.remotePort, segment)
        let header = IPv4Header(.tcp, from: key.local, to: key.remote, payloadLength: tcp.dataOffset)
        try? send(header, PacketHead(tcp, from: key.local, to: key.remote), by: way, now, into: &sink)
    }

    private static func packetLength(_ segment: OutgoingSegment) -> Int {
        IPv4Header.length + TCPHeader.minimumLength + segment.header.options.encodedLength + segment.payloadCount
    }

    // Each takes the connections and the place to write to as what they are: two parts of the stack.

    private static func loop(
        _ segment: OutgoingSegment, of index: UInt32, in connections: inout ConnectionTable,
        into loopback: inout LoopbackQueue
    ) {
        loopback.append(packetLength(segment)) { packet in
            write(segment, of: &connections[index], into: &packet)
        }
    }

    private static func hold(
        _ segment: OutgoingSegment, of index: UInt32, in connections: inout ConnectionTable,
        for neighbor: IPv4Address, at neighbors: inout ARPCache
    ) {
        neighbors.hold(packetLength(segment), for: neighbor) { packet in
            write(segment, of: &connections[index], into: &packet)
        }
    }

    private static func transmit(
        _ segment: OutgoingSegment, of record: inout ConnectionRecord, into sink: inout some FrameSink & ~Copyable
    ) {
        let length = EthernetHeader.length + packetLength(segment)
        let checksum = record.path.template.isCompletedByDevice ? SegmentTemplate.checksum : nil
        sink.transmit(length, on: record.path.interface, checksum: checksum) { frame in
            record.path.template.write(segment, into: &frame) { record.block.copyPayload(of: segment, into: &$0) }
        }
    }

    private static func write(
        _ segment: OutgoingSegment, of record: inout ConnectionRecord, into packet: inout MutableRawSpan
    ) {
        let key = record.key
        let header = IPv4Header(
            .tcp, from: key.local, to: key.remote, payloadLength: packet.byteCount - IPv4Header.length)
        header.emit(into: &packet)
        var bytes = packet._mutatingExtracting(IPv4Header.length..<packet.byteCount)
        let offset = bytes.byteCount - segment.payloadCount
        if segment.payloadCount > 0 {
            var data = bytes._mutatingExtracting(offset..<bytes.byteCount)
            record.block.copyPayload(of: segment, into: &data)
        }
        let tcp = TCPHeader(from: key.localPort, to: key.remotePort, segment.header)
        tcp.emit(into: &bytes, from: key.local, to: key.remote)
    }
}
