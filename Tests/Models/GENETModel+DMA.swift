import Interfaces

/// The way of frames through the model.
extension GENETModel {
    // MARK: - Receiving

    /// Whether frames can pass between MAC and cable.
    var isConnected: Bool {
        let speeds: [UInt32] = [10, 100, 1000, 2500]
        return isGateOpen && phy.hasLink && self[0x004] == 3 && self[0x08C] & 0x70 == 0x50
            && speeds[Int(self[0x808] >> 2 & 3)] == phy.speed && (self[0x808] & 1 << 10 == 0) == phy.isFullDuplex
    }

    /// A frame (without checksum) comes in over the cable, with `errors` in its status (bits 0 to 4).
    public func receive(_ frame: [UInt8], errors: UInt32 = 0) {
        guard isConnected, self[0x808] & 1 << 13 == 0, self[0x808] & 2 != 0 else { return }
        if frame.count < 60 {
            // A runt does not get through the MAC; the test may still put one behind it with `receiveRaw`.
            self[0xD00] &+= 1
            return
        }
        // Below 1000 Mb/s the clock is slow enough without a delay.
        let errors = errors | (phy.speed == 1000 && !phy.delaysReceiveClock ? 2 : 0)
        guard accepts(frame) else {
            self[0xE38] &+= 1
            return
        }
        self[0xC28] &+= 1
        self[0xC2C] &+= UInt32(frame.count + 4)
        // Nothing but a magic packet gets through while one is waited for.
        if self[0xE20] & 1 != 0 { return }
        let limit = Int(self[0x814]) - 4
        let data = Array(frame.prefix(limit))
        receiveRaw(data, errors: frame.count > limit ? errors | 1 << 4 : errors)
    }

    /// A frame of any length enters the FIFO behind the MAC, in as many pieces as it needs.
    public func receiveRaw(_ frame: [UInt8], errors: UInt32 = 0) {
        let room = Int(self[0x3010] & 0xFFFF) - 66
        var rest = frame[...]
        var isFirst = true
        repeat {
            let piece = Array(rest.prefix(max(room, 1)))
            rest = rest.dropFirst(piece.count)
            let flags: UInt32 = (isFirst ? 1 << 13 : 0) | (rest.isEmpty ? 1 << 14 : 0)
            receive(piece, status: UInt32(piece.count + 66) << 16 | flags | errors)
            isFirst = false
        } while !rest.isEmpty
    }

    /// `data` enters the FIFO, and its descriptor will say `status`, whatever that is.
    public func receive(_ data: [UInt8], status: UInt32) {
        if fifo.count >= 40 {
            if self[0x394] != .max { self[0x394] += 1 }
            return
        }
        fifo.append(Queued(data: data, status: status))
        pump()
        pausePartner()
    }

    /// Wedges the receiver, as erratum E5 does.
    public func wedgeReceiver() { isWedged = true }

    private func accepts(_ frame: [UInt8]) -> Bool {
        if self[0x808] & 1 << 4 != 0 { return true }
        let upper = UInt32(frame[0]) << 8 | UInt32(frame[1])
        let lower = frame[2..<6].reduce(0) { $0 << 8 | UInt32($1) }
        for filter in 0..<17 where self[0xE50] & 1 << UInt32(16 - filter) != 0 {
            if self[0xE54 + 8 * filter] == upper && self[0xE58 + 8 * filter] == lower { return true }
        }
        return false
    }

    /// Moves what the FIFO holds to memory.
    func pump() {
        while !isReceiving, !isWedged, self[0x3044] & 0x2_0001 == 0x2_0001, !fifo.isEmpty {
            if let receiveTime {
                isReceiving = true
                let mine = generation
                return clock.schedule(after: receiveTime) { [self] in
                    if mine != generation { return }
                    isReceiving = false
                    moveOne()
                    pump()
                    pausePartner()
                }
            }
            moveOne()
        }
    }

    private func moveOne() {
        if fifo.isEmpty { return }
        let queued = fifo.removeFirst()
        let produced = self[0x3008]
        if UInt16(truncatingIfNeeded: produced) &- UInt16(truncatingIfNeeded: self[0x300C]) >= 256 {
            self[0x3008] = produced >= 0xFFFF_0000 ? produced : produced &+ 0x1_0000
            return
        }
        let descriptor = Int(self[0x3000]) / 3
        let place = address(0x2000, descriptor)
        let data = queued.isStale ? queued.data : statusBlock(of: queued) + [0, 0] + queued.data
        memoryWrites += 1
        if !memory.contains(place, count: 2048) || place & 63 != 0 {
            foreignWrites += 1
            if hasDriver { note("receive descriptor \(descriptor) points to \(place)") }
        } else {
            memory.deviceWrite(Array(data.prefix(2048)), at: place)
        }
        self[0x2000 + 12 * descriptor] = queued.status
        self[0x3000] = UInt32((descriptor + 1) % 256 * 3)
        self[0x3008] = produced & 0xFFFF_0000 | (produced &+ 1) & 0xFFFF
        signalReceive()
    }

    private func statusBlock(of queued: Queued) -> [UInt8] {
        if self[0x300] & 3 != 3 { note("received without status block or alignment") }
        var block = [UInt8](repeating: 0xA5, count: 64)
        var sum = self[0x314] & 0x21 == 0x21 ? UInt32(Self.sum(queued.data.dropFirst(14))) : 0
        if wrongSums > 0 {
            wrongSums -= 1
            sum = sum ^ 0x1234
        }
        // The block is written when the threshold is reached: of a longer frame it does not know the end.
        let isWhole = queued.data.count + 66 <= Int(self[0x308] & 0xFF) * 16
        let status = isWhole ? queued.status : queued.status & ~(1 << 14)
        for index in 0..<4 {
            block[index] = UInt8(truncatingIfNeeded: status >> UInt32(8 * index))
            block[8 + index] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * index))
        }
        return block
    }

    /// The ones' complement sum of `bytes` as 16-bit words in network order.
    public static func sum(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        var sum: UInt32 = 0
        unsafe bytes.withUnsafeBytes { bytes in
            var index = 0
            while index + 1 < bytes.count {
                unsafe sum += UInt32(bytes[index]) << 8 + UInt32(bytes[index + 1])
                index += 2
            }
            if index < bytes.count { unsafe sum += UInt32(bytes[index]) << 8 }
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        return UInt16(sum)
    }

    private func signalReceive() {
        unsignalled += 1
        if unsignalled >= self[0x3024] {
            unsignalled = 0
            raise(13)
        } else if unsignalled == 1 {
            let mine = generation
            clock.schedule(after: .nanoseconds(UInt64(self[0x30AC] & 0xFFFF) * 8192)) { [self] in
                if mine != generation || unsignalled == 0 { return }
                unsignalled = 0
                raise(13)
            }
        }
    }

    // MARK: - Transmitting

    /// Looks at the ring again, after it was stuck.
    public func transmitAgain() { transmitNext() }

    /// Moves the counter at `offset` to where it cannot be.
    public func corruptIndex(at offset: Int, by distance: UInt32) {
        isCorrupted = true
        self[offset] = self[offset] & 0xFFFF_0000 | (self[offset] &+ distance) & 0xFFFF
    }

    /// Sends the next frame of the ring, and then the one after it.
    func transmitNext() {
        let consumed = UInt16(truncatingIfNeeded: self[0x5008])
        let produced = UInt16(truncatingIfNeeded: self[0x500C])
        if produced &- consumed > 256 {
            if !isCorrupted { note("transmit ring overrun: \(produced) \(consumed)") }
            return
        }
        guard !isTransmitting, !isTransmitterStuck, produced != consumed, self[0x5044] & 0x2_0001 == 0x2_0001,
            self[0x808] & 1 << 13 == 0, self[0x808] & 1 != 0, !waitsForPause()
        else { return }
        isTransmitting = true
        let mine = generation
        clock.schedule(after: wireTime(of: Int(self[0x4000 + Int(self[0x5000]) * 4] >> 16 & 0xFFF) - 64)) { [self] in
            if mine != generation { return }
            isTransmitting = false
            if isTransmitterStuck { return }
            let descriptor = Int(self[0x5000]) / 3
            send(self[0x4000 + 12 * descriptor], at: address(0x4000, descriptor))
            self[0x5000] = UInt32((descriptor + 1) % 256 * 3)
            self[0x5008] = (self[0x5008] &+ 1) & 0xFFFF
            unsignalledSent += 1
            if unsignalledSent >= self[0x5024] || self[0x5008] == self[0x500C] & 0xFFFF {
                unsignalledSent = 0
                raise(16)
            }
            transmitNext()
        }
    }

    private func send(_ status: UInt32, at place: UInt64) {
        let length = Int(status >> 16 & 0xFFF)
        guard memory.contains(place, count: 2048), length >= 64 + 60, length <= 2048 else {
            return note("transmit descriptor \(status) at \(place)")
        }
        if status & 0x6000 != 0x6000 || status & 1 << 6 == 0 || status >> 7 & 0x3F != 0x3F {
            note("transmit status \(status)")
        }
        if self[0x600] & 1 == 0 { note("sent without status block") }
        let data = memory.deviceRead(place, count: length)
        var frame = Array(data[64...])
        if status & 1 << 4 != 0 { fillChecksum(data[48..<52].reversed().reduce(0) { $0 << 8 | UInt32($1) }, &frame) }
        if length > Int(self[0x610] & 0xFF) * 16 { isTransmitterStuck = true }
        guard isConnected, !isTransmitterDead else { return }
        // Each clock is to be delayed once: the receiver's by the PHY, the transmitter's by the MAC (erratum E7). The sender does not notice.
        let macDelays = self[0x08C] & 1 << 16 == 0
        let isSpoiled = phy.speed == 1000 && macDelays == phy.delaysTransmitClock
        self[0xCA8] &+= 1
        self[0xCE8] &+= UInt32(frame.count + 4)
        if isSpoiled {
            spoiledCount += 1
            return
        }
        sentCount += 1
        if keepsSent { sent.append(frame) }
        if isLooped { receive(frame) }
    }

    private func fillChecksum(_ request: UInt32, _ frame: inout [UInt8]) {
        let start = Int(request >> 16 & 0x7FFF)
        let field = Int(request & 0x7FFF)
        guard request & 1 << 31 != 0, start < frame.count, field + 2 <= frame.count else {
            return note("checksum request \(request)")
        }
        var sum = ~Self.sum(frame[start...])
        if sum == 0 && request & 1 << 15 != 0 { sum = 0xFFFF }
        frame[field] = UInt8(sum >> 8)
        frame[field + 1] = UInt8(sum & 0xFF)
    }
}
