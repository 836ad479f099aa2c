import Interfaces

/// ICMP: echoes, and errors both ways.
extension NetworkStack {
    mutating func receiveICMP(
        _ header: IPv4Header, _ payload: RawSpan, isForMany: Bool, _ now: Instant,
        into sink: inout some FrameSink & ~Copyable
    ) {
        let message: ICMPv4Message
        do throws(WireError) { message = try ICMPv4Message(parsing: payload) } catch { return countBad(error) }
        statistics.receivedICMP &+= 1
        switch message.kind {
        case .echoRequest: answerEcho(header, payload, isForMany: isForMany, now, into: &sink)
        case .echoReply(let identifier, let sequence):
            let body = payload.extracting(ICMPv4Message.length..<payload.byteCount)
            receiveEcho(
                body, identifier, from: Endpoint(header.source, Port(rawValue: sequence)), to: header.destination)
        case .unreachable(let reason, let size): receiveUnreachable(reason, size, payload, now, into: &sink)
        case .timeExceeded, .parameterProblem:
            if let quoted = quotedPacket(payload) { reportError(.unreachable, isHard: false, about: quoted) }
        // A host that takes redirects lets anybody on the link lead it elsewhere.
        case .redirect, .other: break
        }
    }

    private mutating func answerEcho(
        _ header: IPv4Header, _ payload: RawSpan, isForMany: Bool, _ now: Instant,
        into sink: inout some FrameSink & ~Copyable
    ) {
        guard icmp.echoSize(to: header, payload, isBroadcast: isForMany, now: now) != nil,
            let way = way(to: header.source)
        else { return }
        var answer = IPv4Header(
            .icmp, from: header.destination, to: header.source, payloadLength: payload.byteCount)
        answer.typeOfService = header.typeOfService
        answer.dontFragment = false
        statistics.sentICMP &+= 1
        try? send(
            answer, PacketHead(echoReplyTo: payload), payload.extracting(ICMPv4Message.length..<payload.byteCount),
            by: way,
            now, into: &sink)
    }

    /// Sends the error `kind` about a packet that arrived, where the rules allow it.
    mutating func report(
        _ kind: ICMPv4Message.Kind, about header: IPv4Header, _ payload: RawSpan, isForMany: Bool, _ now: Instant,
        into sink: inout some FrameSink & ~Copyable
    ) {
        guard let size = icmp.errorSize(about: header, payload, isBroadcast: isForMany, now: now),
            let way = way(to: header.source)
        else { return }
        var answer = IPv4Header(
            .icmp, from: header.destination, to: header.source, payloadLength: size - IPv4Header.length)
        answer.dontFragment = false
        // RFC 1812 section 4.3.2.5: internetwork control.
        answer.typeOfService = 0xC0
        statistics.sentICMP &+= 1
        let quoted = payload.extracting(0..<size - 2 * IPv4Header.length - ICMPv4Message.length)
        try? send(answer, PacketHead(error: kind, about: header, quoted), quoted, by: way, now, into: &sink)
    }

    // MARK: Errors about what we sent

    private mutating func quotedPacket(_ payload: RawSpan) -> QuotedPacket? {
        guard let quoted = QuotedPacket(payload.extracting(ICMPv4Message.length..<payload.byteCount)),
            interfaces.owner(of: quoted.source) != nil
        else { return nil }
        return quoted
    }

    private mutating func receiveUnreachable(
        _ reason: ICMPv4Message.Unreachable, _ size: UInt16, _ payload: RawSpan, _ now: Instant,
        into sink: inout some FrameSink & ~Copyable
    ) {
        guard let quoted = quotedPacket(payload) else { return }
        if reason == .fragmentationNeeded { return reducePath(quoted, Int(size), now) }
        let isHard = reason == .port || reason == .protocol
        reportError(isHard ? .refused : .unreachable, isHard: isHard, about: quoted)
    }

    /// Path MTU discovery (RFC 1191): believed only where the quoted packet is one that is under way, and was larger than what is said to
    /// fit (RFC 5927, section 7.2). Segments of TCP are all that is sent with DF: who quotes anything else has not seen it.
    private mutating func reducePath(_ quoted: QuotedPacket, _ size: Int, _ now: Instant) {
        guard quoted.payloadProtocol == .tcp, size < quoted.totalLength, let way = way(to: quoted.destination) else {
            return
        }
        let unit = interfaces[way.interface].maximumTransmissionUnit
        let key = FlowKey(quoted.source, quoted.sourcePort, quoted.destination, quoted.destinationPort)
        guard let index = connections.find(key), connections[index].block.isUnderWay(quoted.sequence) else { return }
        guard
            let path = pathMTUs.reduce(
                quoted.destination, packetSize: quoted.totalLength, reported: size, linkSize: unit, now: now)
        else { return }
        var affected: [UInt32] = []
        connections.forEach { if connections[$0].key.remote == quoted.destination { affected.append($0) } }
        for index in affected {
            connections[index].block.limitSegmentSize(to: path - 40)
            noteToPoll(index)
        }
    }

    private mutating func reportError(_ error: StackError, isHard: Bool, about quoted: QuotedPacket) {
        switch quoted.payloadProtocol {
        case .tcp:
            let key = FlowKey(quoted.source, quoted.sourcePort, quoted.destination, quoted.destinationPort)
            guard let index = connections.find(key), connections[index].block.isUnderWay(quoted.sequence) else {
                return
            }
            // RFC 5461: a connection that stands is not brought down by a message that anybody can send.
            connections[index].block.reportUnreachable(isRefused: error == .refused)
            collectEvents(index)
        case .udp:
            let local = Endpoint(quoted.source, quoted.sourcePort)
            let remote = Endpoint(quoted.destination, quoted.destinationPort)
            // A socket that talks with many is not told that one of them is gone: who reads it could not tell which.
            guard let id = ports.socket(from: remote, to: local), let index = socketIndex(id),
                sockets[index].remote != nil
            else { return }
            note(error, at: id)
        case .icmp:
            // The identifier stands where ports are read: the second word behind type, code and checksum.
            let identifier = UInt16(truncatingIfNeeded: quoted.sequence >> 16)
            for socket in sockets where socket.kind == .echo(identifier) { note(error, at: socket.id) }
        default: break
        }
    }

    private mutating func note(_ error: StackError, at id: UDPDemultiplexer.SocketID) {
        guard let index = socketIndex(id) else { return }
        sockets[index].error = error
        events.append(.datagram(id))
    }
}
