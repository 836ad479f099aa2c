import Interfaces

/// Ports on which connections are accepted.
extension NetworkStack {
    /// Listens on `port` at `address` (unspecified for every one of this host) with room for `backlog` connections that the application has not
    /// accepted yet.
    /// - Throws: `.inUse`.
    public mutating func listen(
        at address: IPv4Address = .unspecified, on port: Port, backlog: Int, configuration: TCPConfiguration? = nil
    ) throws(StackError) -> ListenerID {
        for listener in listeners where listener.port == port {
            if address.isUnspecified || listener.address.isUnspecified || listener.address == address { throw .inUse }
        }
        lastListener &+= 1
        let id = ListenerID(number: lastListener)
        listeners.append(
            ListenerRecord(
                id: id, address: address, port: port, configuration: configuration ?? self.configuration.tcp,
                backlog: ListenBacklog(backlog: backlog, key: key)))
        return id
    }

    /// Reminds the owner with each event of `listener`.
    public mutating func setOwner(_ owner: UInt, of listener: ListenerID) {
        if let place = place(of: listener) { listeners[place].owner = owner }
    }

    /// Takes the connection that has waited longest at `listener`; nil when none waits.
    public mutating func accept(from listener: ListenerID) -> ConnectionID? {
        guard let place = place(of: listener) else { return nil }
        let index = listeners[place].firstToAccept
        guard index != ConnectionRecord.none else { return nil }
        listeners[place].firstToAccept = connections[index].nextToAccept
        if listeners[place].firstToAccept == ConnectionRecord.none {
            listeners[place].lastToAccept = ConnectionRecord.none
        }
        listeners[place].backlog.accepted()
        connections[index].listener = ConnectionRecord.none
        statistics.passiveOpens &+= 1
        return connections.id(index)
    }

    /// Listens no more. Connections that wait are reset.
    public mutating func close(_ listener: ListenerID, now: Instant, into sink: inout some FrameSink & ~Copyable) {
        guard let place = place(of: listener) else { return }
        var waiting: [UInt32] = []
        connections.forEach { if connections[$0].listener == listener.number { waiting.append($0) } }
        listeners.remove(at: place)
        for index in waiting {
            connections[index].isHalfOpen = false
            connections[index].listener = ConnectionRecord.none
            connections[index].isReleased = true
            connections[index].block.abort()
            poll(index, now, into: &sink)
        }
    }

    // MARK: Segments

    /// Where the listener for a segment to `address` and `port` stands; the one that names the address goes first.
    mutating func listenerPlace(_ address: IPv4Address, _ port: Port) -> Int? {
        var found: Int?
        for place in listeners.indices where listeners[place].port == port {
            if listeners[place].address == address { return place }
            if listeners[place].address.isUnspecified { found = place }
        }
        return found
    }

    /// Takes a segment for a port that listens and that belongs to no connection.
    mutating func receive(
        _ segment: SegmentHeader, _ data: RawSpan, _ key: FlowKey, at place: Int, least: SequenceNumber? = nil,
        _ now: Instant, into sink: inout some FrameSink & ~Copyable
    ) {
        var configuration = listeners[place].configuration
        configuration.maximumSegmentSize = segmentSize(to: key.remote, now)
        let decision = key.withOctets { flow in
            listeners[place].backlog.decide(
                segment, payloadCount: data.byteCount, flow: flow, configuration: configuration, now: now)
        }
        switch decision {
        case .drop: if segment.flags.contains(.syn) { statistics.droppedSYNs &+= 1 }
        case .reply(let answer):
            if answer.flags.contains(.syn) { statistics.sentCookies &+= 1 }
            reply(answer, key, now, into: &sink)
        case .open(let chosen):
            // Behind what an earlier connection of the same ends has used (RFC 9293, section 3.10.7.4).
            let initial = least.map { SequenceNumber.later($0, chosen) } ?? chosen
            let block = TransmissionControlBlock(
                answering: segment, configuration: configuration, initial: initial, now: now)
            admit(block, key, at: place, isHalfOpen: true, now, into: &sink)
        case .resume(let options):
            var block = TransmissionControlBlock(
                cookieIn: segment, options: options, configuration: configuration, now: now)
            block.receive(segment, payload: data, &budget, now: now)
            admit(block, key, at: place, isHalfOpen: false, now, into: &sink)
        }
    }

    /// Lets the connection at `index`, in its handshake, go on from a cookie when `segment` acknowledges one.
    ///
    /// A SYN that comes again, because its answer was late, may find room where it found none before; the other end keeps to the
    /// first answer that it got.
    /// - Returns: false when the segment is to be dropped: it may stand behind the one that proves the cookie, which is lost.
    mutating func resume(_ index: UInt32, _ segment: SegmentHeader, _ now: Instant) -> Bool {
        guard !connections[index].block.isAnswered(by: segment),
            let place = place(of: ListenerID(number: connections[index].listener))
        else { return true }
        let key = connections[index].key
        var configuration = listeners[place].configuration
        configuration.maximumSegmentSize = segmentSize(to: key.remote, now)
        let found = key.withOctets {
            listeners[place].backlog.cookie(in: segment, flow: $0, configuration, now: now)
        }
        guard let options = found else {
            return !listeners[place].backlog.mayBeBehindCookie(segment, isInHandshake: true, now: now)
        }
        connections[index].block.relinquish(&budget)
        connections[index].block = TransmissionControlBlock(
            cookieIn: segment, options: options, configuration: configuration, now: now)
        return true
    }

    private mutating func admit(
        _ block: consuming TransmissionControlBlock, _ key: FlowKey, at place: Int, isHalfOpen: Bool, _ now: Instant,
        into sink: inout some FrameSink & ~Copyable
    ) {
        guard let index = connections.insert(block, key) else {
            statistics.droppedSYNs &+= 1
            if isHalfOpen {
                listeners[place].backlog.handshakeEnded(isEstablished: false)
            } else {
                listeners[place].backlog.accepted()
            }
            return
        }
        connections[index].listener = listeners[place].id.number
        connections[index].isHalfOpen = isHalfOpen
        if !isHalfOpen { offer(index, at: place) }
        poll(index, now, into: &sink)
    }

    /// Puts an established connection where `accept` finds it.
    private mutating func offer(_ index: UInt32, at place: Int) {
        if listeners[place].firstToAccept == ConnectionRecord.none {
            listeners[place].firstToAccept = index
        } else {
            connections[listeners[place].lastToAccept].nextToAccept = index
        }
        listeners[place].lastToAccept = index
        events.append(.acceptable(listeners[place].id))
    }

    /// The handshake of the connection at `index`, which came by a listener, has ended.
    mutating func endHandshake(_ index: UInt32, isEstablished: Bool) {
        connections[index].isHalfOpen = false
        guard let place = place(of: ListenerID(number: connections[index].listener)) else { return }
        listeners[place].backlog.handshakeEnded(isEstablished: isEstablished)
        if isEstablished { offer(index, at: place) }
    }

    mutating func place(of listener: ListenerID) -> Int? {
        for place in listeners.indices where listeners[place].id == listener { return place }
        return nil
    }
}
