/// A serial port with a queue each way that its interrupts fill and empty.
///
/// Receiving: the interrupt moves the FIFO into the receive ring; `read` takes from there. Sending: `write` puts into
/// the transmit ring and moves as much as fits into the FIFO; that primes it, since a UART interrupts when its FIFO
/// *becomes* empty and not because it is. The interrupt refills it until the ring is empty, and then goes quiet.
///
/// A sender who is too fast is held back: by XOFF when a quarter of the receive ring is full, again for every 64 bytes that come all the
/// same, until XON; what is left is the room for what adapters have on the way. When the ring is full the FIFO is left alone, where a UART
/// holds its sender back by RTS, and QEMU's by not reading. What is lost all the same leaves a `LostInput.mark` in its place.
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
    /// The FIFO is left alone, and its interrupt off, until the ring has room again.
    private var isReceivePaused = false
    /// XOFF was sent, and XON was not.
    private var isSenderHeldBack = false
    /// Bytes received since the last XOFF.
    private var sinceXOFF = 0
    /// XON or XOFF, which goes before what is in the transmit ring; 0 for neither.
    private var flowControl: UInt8 = 0
    /// What was last put into the receive ring is a mark.
    private var endsInMark = false

    // DC1 and DC3 of ECMA-48, as terminals use them.
    private static var xon: UInt8 { 0x11 }
    private static var xoff: UInt8 { 0x13 }

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
        if isReceivePaused, receiveRing.count <= receiveCapacity / 2 {
            isReceivePaused = false
            _ = fetch()
            enableInterrupts()
        }
        if isSenderHeldBack, receiveRing.count <= receiveCapacity / 16 {
            isSenderHeldBack = false
            send(flowControl: Self.xon)
        }
        return taken
    }

    /// Puts `byte`, which came by another way, behind what was received. Returns whether there was room; if not, it leaves a mark.
    public mutating func insert(_ byte: UInt8) -> Bool {
        guard receiveRing.space > 1 else {
            statistics.receiveDropped &+= 1
            markLoss()
            return false
        }
        store(byte)
        return true
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
        let before = receiveRing.count
        for _ in 0..<Self.receiveBound {
            // For a byte, a mark before it, and one behind it.
            guard receiveRing.space > 2 else {
                isReceivePaused = true
                enableInterrupts()
                break
            }
            guard let byte = port.receive() else { break }
            let isSpoilt = countErrors(byte.errors)
            // The lost ones came before this one. A break is no byte.
            if byte.errors.contains(.overrun) || isSpoilt && !byte.errors.contains(.break) { markLoss() }
            if !isSpoilt { store(byte.value) }
        }
        let gained = receiveRing.count - before
        holdBackSender(after: gained)
        return gained > 0
    }

    private mutating func store(_ byte: UInt8) {
        _ = receiveRing.put(byte)
        endsInMark = false
        statistics.received &+= 1
    }

    /// Lets the reader find that bytes are missing here. One mark stands for all that are lost in a row.
    private mutating func markLoss() {
        if endsInMark && !receiveRing.isEmpty { return }
        endsInMark = receiveRing.put(LostInput.mark)
    }

    private mutating func holdBackSender(after gained: Int) {
        sinceXOFF += gained
        guard receiveRing.count >= receiveCapacity / 4, gained > 0, !isSenderHeldBack || sinceXOFF >= 64 else { return }
        isSenderHeldBack = true
        sinceXOFF = 0
        send(flowControl: Self.xoff)
    }

    private mutating func send(flowControl byte: UInt8) {
        flowControl = byte
        refill()
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
        if flowControl != 0, port.transmit(flowControl) { flowControl = 0 }
        var sent = 0
        while let byte = transmitRing.first, port.transmit(byte) {
            _ = transmitRing.take()
            sent += 1
        }
        statistics.sent &+= UInt64(sent)
        let isNeeded = !transmitRing.isEmpty || flowControl != 0
        if isNeeded != isTransmitInterruptOn {
            isTransmitInterruptOn = isNeeded
            enableInterrupts()
        }
        return sent > 0
    }

    private func enableInterrupts() {
        var interrupts: SerialInterrupts = isReceivePaused ? [] : .receive
        if isTransmitInterruptOn { interrupts.insert(.transmit) }
        port.enableInterrupts(interrupts)
    }
}

extension RawSpan {
    /// The byte at `offset`.
    fileprivate func unsafeByte(_ offset: Int) -> UInt8 { unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self) }
}
