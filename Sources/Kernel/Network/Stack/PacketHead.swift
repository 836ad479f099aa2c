/// The first bytes of a packet's payload, put together before there is a frame to write them to: a protocol's header, and what an ICMP error
/// quotes of another.
struct PacketHead {
    /// Room for the longest TCP header.
    private var storage = InlineArray<60, UInt8>(repeating: 0)
    /// Bytes in use.
    let count: Int

    /// `count` zeros, 60 at most.
    init(count: Int) {
        precondition(count <= 60, "PacketHead: longer than any header")
        self.count = count
    }

    /// The bytes.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        borrowing get { unsafe storage.span.bytes.extracting(0..<count) }
    }

    /// Lets `body` write the bytes.
    mutating func write(_ body: (inout MutableRawSpan) -> Void) {
        var span = storage.mutableSpan
        // Bytes: every pattern of bits is a value.
        var raw = unsafe span.mutableBytes
        var bytes = raw._mutatingExtracting(0..<count)
        body(&bytes)
    }
}

extension PacketHead {
    /// The header of a TCP segment without data, checksum included.
    init(_ tcp: TCPHeader, from source: IPv4Address, to destination: IPv4Address) {
        self.init(count: tcp.dataOffset)
        write { tcp.emit(into: &$0, from: source, to: destination) }
    }

    /// The header of a UDP datagram whose data are `front` and `back`, checksum included.
    init(
        udp header: UDPHeader, _ front: RawSpan, _ back: RawSpan, from source: IPv4Address, to destination: IPv4Address
    ) {
        self.init(count: UDPHeader.length)
        write { bytes in
            bytes.set(0, header.source.rawValue)
            bytes.set(2, header.destination.rawValue)
            bytes.set(4, header.totalLength)
        }
        var checksum = InternetChecksum(pseudoHeader: source, destination, .udp, length: Int(header.totalLength))
        checksum.add(bytes)
        checksum.add(front)
        checksum.add(back)
        // 0 means that there is no checksum; its other form is sent (RFC 768).
        let value = checksum.value == 0 ? 0xFFFF : checksum.value
        write { $0.set(6, value) }
    }

    /// The header of an ICMP message whose data are `front` and `back`, checksum included.
    init(_ message: ICMPv4Message, _ front: RawSpan, _ back: RawSpan = RawSpan()) {
        self.init(count: ICMPv4Message.length)
        write { message.emit(into: &$0) }
        complete(front, back)
    }

    /// The header of the answer to the echo request `request`, whose data go back as they are.
    init(echoReplyTo request: RawSpan) {
        self.init(count: ICMPv4Message.length)
        write { bytes in
            bytes.copy(request.extracting(0..<ICMPv4Message.length), to: 0)
            // The type changes from 8 to 0 and nothing else does: the checksum follows without a look at the data.
            bytes.set(0, UInt16(0))
            bytes.set(2, InternetChecksum.updated(request.word16(2), replacing: request.word16(0), by: 0))
        }
    }

    /// An ICMP error about the packet under `header`, of whose payload it quotes `payload`.
    init(error kind: ICMPv4Message.Kind, about header: IPv4Header, _ payload: RawSpan) {
        self.init(count: ICMPv4Message.length + IPv4Header.length)
        write { bytes in
            ICMPv4Message(kind).emit(into: &bytes)
            var quoted = bytes._mutatingExtracting(ICMPv4Message.length..<bytes.byteCount)
            header.emit(into: &quoted)
        }
        complete(payload, RawSpan())
    }

    /// Puts ICMP's checksum over the whole message in place.
    private mutating func complete(_ front: RawSpan, _ back: RawSpan) {
        write { $0.set(2, UInt16(0)) }
        var checksum = InternetChecksum(bytes)
        checksum.add(front)
        checksum.add(back)
        write { $0.set(2, checksum.value) }
    }
}
