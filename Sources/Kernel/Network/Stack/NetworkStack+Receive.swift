import Interfaces

/// From the frame to the protocol it is for.
extension NetworkStack {
    /// Takes a frame that arrived on `interface`. The bytes are borrowed for the call.
    public mutating func receive(
        _ frame: RawSpan, checksum: ReceivedChecksum, on interface: InterfaceID, now: Instant,
        into sink: inout some FrameSink & ~Copyable
    ) {
        statistics.receivedFrames &+= 1
        if receiveOrdinary(frame, checksum, on: interface, now, into: &sink) { return }
        let header: EthernetHeader
        do throws(WireError) { header = try EthernetHeader(parsing: frame) } catch { return countBad(error) }
        guard interfaces[interface].accepts(header.destination), header.virtualNetwork == nil else {
            statistics.notForUs &+= 1
            return
        }
        let payload = frame.extracting(header.payloadOffset..<frame.byteCount)
        switch header.type {
        case .ipv4:
            // The device's sum begins at byte 14; behind a tag it is of no use.
            let usable = header.payloadOffset == EthernetHeader.length ? checksum : .unknown
            receivePacket(
                payload, on: interface, isForMany: header.destination.isGroup, checksum: usable, now, into: &sink)
        case .arp: receiveARP(payload, on: interface, now, into: &sink)
        default: statistics.notForUs &+= 1
        }
    }

    /// Takes a frame that is what most of them are: a TCP segment for this host's address, whole, without IP options or tag, its header's
    /// checksum right. Everything else is left to the long way: false, and nothing was done.
    private mutating func receiveOrdinary(
        _ frame: RawSpan, _ checksum: ReceivedChecksum, on id: InterfaceID, _ now: Instant,
        into sink: inout some FrameSink & ~Copyable
    ) -> Bool {
        let start = EthernetHeader.length
        guard frame.byteCount >= start + IPv4Header.length + TCPHeader.minimumLength,
            // IPv4, a header of 20 bytes, any type of service.
            frame.word32(12) & 0xFFFF_FF00 == 0x0800_4500,
            // No fragment, whatever DF says.
            frame.word16(start + 6) & 0xBFFF == 0, frame.byte(start + 9) == IPProtocol.tcp.rawValue,
            let own = interfaces[id].address, frame.hardwareAddress(0) == interfaces[id].hardware
        else { return false }
        let (length, source) = (Int(frame.word16(start + 2)), frame.ipv4Address(start + 12))
        guard length >= IPv4Header.length + TCPHeader.minimumLength, length <= frame.byteCount - start,
            frame.ipv4Address(start + 16) == own.address, source.isUnicast, !source.isLoopback, source != own.address,
            source != interfaces[id].broadcast, IPv4Header.hasValidChecksum(frame, at: start)
        else { return false }
        let payload = frame.extracting(start + IPv4Header.length..<start + length)
        // The device's sum covers padding as well; a frame that has some is short and added up quickly.
        let finding = frame.byteCount == start + length ? checksum : .unknown
        receiveSegment(payload, from: source, to: own.address, finding, now, into: &sink)
        return true
    }

    /// Counts bytes that are no packet.
    mutating func countBad(_ error: WireError) {
        switch error {
        case .checksum: statistics.checksumErrors &+= 1
        case .truncated, .malformed: statistics.malformed &+= 1
        case .unsupported: statistics.notForUs &+= 1
        }
    }

    private mutating func receiveARP(
        _ payload: RawSpan, on id: InterfaceID, _ now: Instant, into sink: inout some FrameSink & ~Copyable
    ) {
        let packet: ARPPacket
        do throws(WireError) { packet = try ARPPacket(parsing: payload) } catch { return countBad(error) }
        // A flood of them is no reason to keep them all.
        if interfaces[id].isARPObserved, events.count < 256 { events.append(.arp(id, packet)) }
        let version = interfaces[id].neighbors.version
        interfaces[id].neighbors.receive(packet, now: now, into: &sink)
        if interfaces[id].neighbors.version != version { forgetPaths() }
    }

    /// Takes an IPv4 packet. `checksum` is the device's finding from the packet's first byte on.
    mutating func receivePacket(
        _ packet: RawSpan, on id: InterfaceID, isForMany: Bool, checksum: ReceivedChecksum, _ now: Instant,
        into sink: inout some FrameSink & ~Copyable
    ) {
        let header: IPv4Header
        do throws(WireError) { header = try IPv4Header(parsing: packet) } catch { return countBad(error) }
        let reception = judge(header, on: id)
        switch reception {
        case .martian:
            statistics.martians &+= 1
            return
        case .notForUs:
            statistics.notForUs &+= 1
            return
        // RFC 1122 section 3.3.6: for one host, but sent to many: somebody is confused.
        case .unicast where isForMany:
            statistics.martians &+= 1
            return
        case .unicast, .broadcast, .multicast: break
        }
        let payload = packet.extracting(header.payload)
        if header.isFragment { return receiveFragment(header, payload, on: id, reception, now, into: &sink) }
        var finding = checksum
        // A sum covers padding as well; a short frame is added up quickly.
        if case .sum = checksum, packet.byteCount != Int(header.totalLength) { finding = .unknown }
        deliver(header, payload, on: id, isForMany: reception != .unicast, finding, now, into: &sink)
    }

    private mutating func judge(_ header: IPv4Header, on id: InterfaceID) -> IPv4Reception {
        // By far the most packets.
        if let own = interfaces[id].address, header.destination == own.address, header.source.isUnicast,
            !header.source.isLoopback, header.source != own.address, header.source != own.network.broadcast
        {
            return .unicast
        }
        if id == .loopback, interfaces.owner(of: header.destination) != nil { return .unicast }
        return IPv4Reception(
            header, local: interfaces[id].address, isLoopback: id == .loopback,
            isJoined: { [groups = interfaces[id].groups] in groups.contains($0) })
    }

    private mutating func receiveFragment(
        _ header: IPv4Header, _ payload: RawSpan, on id: InterfaceID, _ reception: IPv4Reception, _ now: Instant,
        into sink: inout some FrameSink & ~Copyable
    ) {
        var whole: (header: IPv4Header, payload: [UInt8])?
        let outcome = reassembler.receive(header, payload, now: now) { header, payload in
            var bytes = [UInt8](repeating: 0, count: payload.byteCount)
            var span = bytes.mutableSpan
            // Bytes: every pattern of bits is a value.
            var raw = unsafe span.mutableBytes
            raw.copy(payload, to: 0)
            whole = (header, bytes)
        }
        switch outcome {
        case .complete, .incomplete: break
        case .ignored, .dropped, .tooLong: statistics.lostFragments &+= 1
        }
        guard let whole else { return }
        statistics.reassembled &+= 1
        unsafe deliver(
            whole.header, whole.payload.span.bytes, on: id, isForMany: reception != .unicast, .unknown, now, into: &sink
        )
    }

    /// "Time exceeded" for what stayed in pieces.
    mutating func expireFragments(_ now: Instant, into sink: inout some FrameSink & ~Copyable) {
        var late: [(IPv4Header, [UInt8])] = []
        reassembler.advance(to: now) { header, payload in
            late.append((header, (0..<min(payload.byteCount, 64)).map { payload.byte($0) }))
        }
        for (header, payload) in late {
            statistics.lostFragments &+= 1
            unsafe report(
                .timeExceeded(inReassembly: true), about: header, payload.span.bytes, isForMany: false, now, into: &sink
            )
        }
    }

    private mutating func deliver(
        _ header: IPv4Header, _ payload: RawSpan, on id: InterfaceID, isForMany: Bool, _ checksum: ReceivedChecksum,
        _ now: Instant, into sink: inout some FrameSink & ~Copyable
    ) {
        switch header.payloadProtocol {
        case .tcp where !isForMany:
            receiveSegment(payload, from: header.source, to: header.destination, checksum, now, into: &sink)
        case .tcp: statistics.martians &+= 1
        case .udp: receiveDatagram(header, payload, on: id, isForMany: isForMany, checksum, now, into: &sink)
        case .icmp: receiveICMP(header, payload, isForMany: isForMany, now, into: &sink)
        case .igmp:
            do throws(WireError) {
                interfaces[id].groups.receive(try IGMPMessage(parsing: payload), now: now)
            } catch {
                countBad(error)
            }
        default:
            statistics.notForUs &+= 1
            report(
                .unreachable(.protocol, nextHopMTU: 0), about: header, payload, isForMany: isForMany, now, into: &sink)
        }
    }
}

extension ReceivedChecksum {
    /// Whether the device has found the checksum right of all of `payload`, which `source` sent by protocol `number`. Where it says no, software
    /// looks again: the device is a help and not a judge.
    @inline(__always)
    func hasVerified(
        _ payload: RawSpan, _ number: IPProtocol, from source: IPv4Address, to destination: IPv4Address
    ) -> Bool {
        switch self {
        case .unknown: return false
        case .verified: return true
        case .sum(let sum):
            // The IPv4 header sums up to nothing, since its own checksum was right.
            var total = InternetChecksum(pseudoHeader: source, destination, number, length: payload.byteCount)
            total.add(partialSum: sum)
            return total.isValid
        }
    }
}
