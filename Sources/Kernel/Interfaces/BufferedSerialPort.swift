/// A serial port with a queue each way that its interrupts fill and empty.
///
/// Receiving: the interrupt moves the FIFO into the receive ring; `read` takes from there. Sending: `write` puts into
/// the transmit ring and moves as much as fits into the FIFO; that primes it, since a UART interrupts when its FIFO
/// *becomes* empty and not because it is. The interrupt refills it until the ring is empty, and then goes quiet.
///
/// Every method may be called with interrupts on or off, but never while another one runs: the owner masks the
/// port's interrupt around each call. None waits, except `flush`. Nothing is allocated.
public struct BufferedSerialPort<Port: SerialPort, let receiveCapacity: Int, let transmitCapacity: Int>: ~Copyable {
    /// The port below, for the polled path.
    public let port: Port
    /// Counters since start.
    public private(set) var statistics = ConsoleStatistics()

    private var receiveRing = ByteRing<receiveCapacity>()
    private var transmitRing = ByteRing<transmitCapacity>()
    private var isTransmitInterruptOn = false

    /// At most this many bytes are fetched in one interrupt: several FIFOs full, so that only a broken UART reaches it.
    private static var receiveBound: Int { 256 }

    /// Takes over `port`, which is configured, and turns its receive interrupt on.
    public init(_ port: Port) {
        self.port = port
        port.enableInterrupts(.receive)
    }

    /// Number of received bytes that `read` can take.
    public var receivedCount: Int { receiveRing.count }

    /// Number of bytes that `write` takes before it is full.
    public var transmitSpace: Int { transmitRing.space }

    /// Whether everything written has at least reached the transmitter's FIFO.
    public var isTransmitRingEmpty: Bool { transmitRing.isEmpty }

    /// Queues the first bytes of `bytes` that fit, and starts sending. The caller decides what becomes of the rest:
    /// a task waits for `.transmit` and comes again, an interrupt handler reports it with `countTransmitDropped`.
    /// - Returns: how many bytes were taken.
    public mutating func write(_ bytes: RawSpan) -> Int {
        var taken = 0
        while taken < bytes.byteCount {
            if transmitRing.space == 0 {
                refill()
                if transmitRing.space == 0 { break }
            }
            _ = transmitRing.put(bytes.unsafeByte(taken))
            taken += 1
        }
        refill()
        return taken
    }

    /// Records that `count` bytes were not sent because an interrupt handler could not wait for room.
    public mutating func countTransmitDropped(_ count: Int) { statistics.transmitDropped &+= UInt64(count) }

    /// Takes up to `buffer`'s length of what has arrived. Returns how many bytes were taken.
    public mutating func read(into buffer: inout MutableRawSpan) -> Int {
        var taken = 0
        while taken < buffer.byteCount, let byte = receiveRing.take() {
            buffer.storeBytes(of: byte, toByteOffset: taken, as: UInt8.self)
            taken += 1
        }
        return taken
    }

    /// Puts `byte`, which came by another way, behind what was received. Returns whether there was room.
    public mutating func insert(_ byte: UInt8) -> Bool {
        let isTaken = receiveRing.put(byte)
        if isTaken { statistics.received &+= 1 } else { statistics.receiveDropped &+= 1 }
        return isTaken
    }

    /// Serves the port's interrupt.
    /// - Returns: `.receive` when bytes have arrived for the reader, `.transmit` when there is room again for the
    ///   writer; empty when the interrupt was another device's on the same line.
    public mutating func handleInterrupt() -> SerialInterrupts {
        let causes = port.takeInterrupts()
        var events: SerialInterrupts = []
        if causes.contains(.receive), fetch() { events.insert(.receive) }
        if causes.contains(.transmit), refill() { events.insert(.transmit) }
        return events
    }

    /// Waits until everything written has left the pin. Works with interrupts masked: it moves the bytes itself.
    /// - Returns: whether that happened within `limit`.
    public mutating func flush<Time: Clock>(within limit: Interval, on time: Time) -> Bool {
        let deadline = time.now + limit
        while true {
            refill()
            if transmitRing.isEmpty && port.isTransmitterIdle { return true }
            if time.now >= deadline { return false }
            time.wait(for: .microseconds(50))
        }
    }

    /// Moves the receiver's FIFO into the ring. Returns whether the ring has gained a byte.
    private mutating func fetch() -> Bool {
        var gained = false
        for _ in 0..<Self.receiveBound {
            guard let byte = port.receive() else { break }
            if countErrors(byte.errors) { continue }
            if receiveRing.put(byte.value) {
                statistics.received &+= 1
                gained = true
            } else {
                statistics.receiveDropped &+= 1
            }
        }
        return gained
    }

    /// Counts `errors`. Returns whether the byte is to be thrown away: its bits are not what was sent.
    private mutating func countErrors(_ errors: SerialLineErrors) -> Bool {
        if errors.isEmpty { return false }
        if errors.contains(.overrun) { statistics.overruns &+= 1 }
        // A break also looks like a missing stop bit; it is counted as what it is.
        if errors.contains(.break) {
            statistics.breaks &+= 1
        } else {
            if errors.contains(.framing) { statistics.framingErrors &+= 1 }
            if errors.contains(.parity) { statistics.parityErrors &+= 1 }
        }
        return !errors.isDisjoint(with: [.break, .framing, .parity])
    }

    /// Moves bytes from the ring into the transmitter while it has room, and keeps its interrupt on exactly as long as
    /// bytes are left. Returns whether the ring has lost a byte.
    @discardableResult
    private mutating func refill() -> Bool {
        var sent = 0
        while let byte = transmitRing.first, port.transmit(byte) {
            _ = transmitRing.take()
            sent += 1
        }
        statistics.sent &+= UInt64(sent)
        let isNeeded = !transmitRing.isEmpty
        if isNeeded != isTransmitInterruptOn {
            isTransmitInterruptOn = isNeeded
            port.enableInterrupts(isNeeded ? [.receive, .transmit] : .receive)
        }
        return sent > 0
    }
}

extension RawSpan {
    /// The byte at `offset`.
    fileprivate func unsafeByte(_ offset: Int) -> UInt8 { unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self) }
}
