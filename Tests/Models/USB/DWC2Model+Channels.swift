import Interfaces

/// Channels and their packets.
extension DWC2Model {
    func field(_ channel: Int, _ register: Int, _ low: UInt32, _ bits: UInt32) -> UInt32 {
        self[0x500 + 0x20 * channel + register] >> low & (1 << bits - 1)
    }

    func writeChannel(_ channel: Int, _ register: Int, _ value: UInt32) {
        guard channel < Self.channelCount else { return note("channel \(channel)") }
        let base = 0x500 + 0x20 * channel
        switch register {
        case 0x00: writeCharacteristics(channel, value)
        case 0x08: self[base + 8] &= ~value
        default:
            if self[base] & 1 << 31 != 0, register != 0x0C { note("channel \(channel) is changed while it works") }
            self[base + register] = value
        }
    }

    private func writeCharacteristics(_ channel: Int, _ value: UInt32) {
        let base = 0x500 + 0x20 * channel
        let old = self[base]
        if value & 1 << 30 != 0 { return stop(channel) }
        self[base] = value
        guard value & 1 << 31 != 0 else { return }
        if stopping.contains(channel) { note("channel \(channel) is enabled before it has stopped") }
        if old & 1 << 31 != 0 { return note("channel \(channel) is enabled while it works") }
        if self[0x008] & 1 << 5 == 0 { note("a channel works without DMA") }
        generations[channel] += 1
        if isEmulated { asking.remove(channel) }
        start(channel)
    }

    /// CHDIS: what is on the bus ends first.
    private func stop(_ channel: Int) {
        if isHaltStuck { return }
        let isWorking = self[0x500 + 0x20 * channel] & 1 << 31 != 0
        if isEmulated || !isWorking {
            if isWorking { halt(channel, 0) }
            generations[channel] += 1
            return
        }
        stopping.insert(channel)
        generations[channel] += 1
        let generation = generations[channel]
        clock.schedule(after: .microseconds(40)) { [weak self] in self?.whileStopping?() }
        clock.schedule(after: .microseconds(130)) { [weak self] in
            guard let self, self.generations[channel] == generation else { return }
            self.stopping.remove(channel)
            self.halt(channel, 0)
            self.whileStopping?()
        }
    }

    private func start(_ channel: Int) {
        if isEmulated { return step(channel, generations[channel], isFirst: true) }
        checkFrameInterval()
        guard let delay = delay(of: channel) else {
            let generation = generations[channel]
            clock.schedule(after: untilNextFrame) { [weak self] in
                guard let self, self.generations[channel] == generation else { return }
                self.halt(channel, 1 << 9)
            }
            return
        }
        schedule(channel, delay)
    }

    private func schedule(_ channel: Int, _ delay: Interval) {
        let generation = generations[channel]
        clock.schedule(after: delay) { [weak self] in self?.step(channel, generation, isFirst: false) }
    }

    private func halt(_ channel: Int, _ causes: UInt32) {
        asking.remove(channel)
        self[0x500 + 0x20 * channel] &= ~(1 << 31)
        self[0x508 + 0x20 * channel] |= causes | 2
        update()
    }

    /// One packet.
    private func step(_ channel: Int, _ generation: Int, isFirst: Bool) {
        guard generations[channel] == generation, field(channel, 0, 31, 1) == 1 else { return }
        packets += 1
        beforePacket?(packets)
        if lostPackets > 0, channel > 1 {
            lostPackets -= 1
            return
        }
        if field(channel, 4, 31, 1) == 1 { return stepHalf(channel) }
        let address = UInt8(field(channel, 0, 22, 7))
        guard let device = device(address) else {
            // QEMU's never tells; on the bus nobody answers.
            if !isEmulated { halt(channel, 1 << 7) }
            return
        }
        if plugged?.speed == 0 && device.speed != 0 { note("no split for a slower device behind a hub of high speed") }
        switch packet(channel, device) {
        case .nak: refuse(channel)
        case .stall: halt(channel, 1 << 3)
        case .silence: halt(channel, 1 << 7)
        case .ack, .data: finishPacket(channel)
        }
    }

    private func refuse(_ channel: Int) {
        let kind = field(channel, 0, 18, 2)
        self[0x508 + 0x20 * channel] |= 1 << 4
        if kind == 3 { return halt(channel, 1 << 4) }
        // Out and requests come back to the driver; in goes on by itself.
        if !isEmulated, field(channel, 0, 15, 1) == 0 || kind == 0 { return halt(channel, 1 << 4) }
        asking.insert(channel)
        schedule(channel, .microseconds(250))
    }

    private func finishPacket(_ channel: Int) {
        asking.remove(channel)
        if self[0x500 + 0x20 * channel] & 1 << 31 == 0 { return }
        if field(channel, 0x10, 19, 10) == 0 || isShort { return halt(channel, 1 | 1 << 5) }
        schedule(channel, isEmulated ? .microseconds(250) : duration(channel))
    }

    // MARK: - Split transactions

    /// A half of a split transaction, between the controller and the hub.
    private func stepHalf(_ channel: Int) {
        let split = self[0x504 + 0x20 * channel]
        let address = UInt8(field(channel, 0, 22, 7))
        guard let hub = device(UInt8(split >> 7 & 0x7F)), hub.speed == 0 else { return halt(channel, 1 << 7) }
        if device(address)?.speed == 0 { note("a split for a device that needs none") }
        let route = TranslatorModel.Route(
            hub: hub.address, address: address, endpoint: UInt8(field(channel, 0, 11, 4)),
            isIn: field(channel, 0, 15, 1) == 1, isPeriodic: field(channel, 0, 18, 2) == 3,
            isLow: field(channel, 0, 17, 1) == 1)
        if split >> 16 & 1 == 0 {
            let isSetup = field(channel, 0x10, 29, 2) == 3
            let size = Int(field(channel, 0, 0, 11))
            let data = route.isIn ? [] : outgoing(channel)
            let answer = translator.start(route, data: data, size: size, isSetup: isSetup, mark: mark(channel), frame) {
                [weak self] in self?.device(address)
            }
            if let trouble = answer.trouble { note(trouble) }
            return halt(channel, answer.isTaken ? 1 << 5 : 1 << 4)
        }
        completeHalf(channel, translator.complete(route, frame))
    }

    private func completeHalf(_ channel: Int, _ result: TranslatorModel.Result) {
        switch result {
        case .notYet: halt(channel, 1 << 6)
        case .tooOften:
            note("channel \(channel) asks the hub again and again in a microframe")
            halt(channel, 1 << 6)
        case .answer(.nak, _): halt(channel, 1 << 4)
        case .answer(.stall, _): halt(channel, 1 << 3)
        case .answer(.silence, _): halt(channel, 1 << 7)
        case .answer(.ack, _):
            advance(channel, outgoing(channel).count, mark(channel), isIn: false)
            halt(channel, 1 | 1 << 5)
        case .answer(.data(let data), let mark):
            if mark != self.mark(channel), field(channel, 0, 11, 4) != 0 { return halt(channel, 1 << 10) }
            guard take(data, channel) else { return halt(channel, 1 << 8) }
            translator.release(channel)
            halt(channel, 1 | 1 << 5)
        }
    }

    // MARK: - Packets

    /// What the next packet is marked with.
    private func mark(_ channel: Int) -> UInt32 { field(channel, 0x10, 29, 2) }

    /// The data of the next packet to a device.
    private func outgoing(_ channel: Int) -> [UInt8] {
        let count = min(Int(field(channel, 0x10, 0, 19)), Int(field(channel, 0, 0, 11)))
        return memoryRead(self[0x514 + 0x20 * channel], count)
    }

    /// Moves one packet.
    private func packet(_ channel: Int, _ device: USBFunctionModel) -> USBAnswer {
        let base = 0x500 + 0x20 * channel
        let number = UInt8(field(channel, 0, 11, 4))
        if field(channel, 0x10, 19, 10) == 0 { note("channel \(channel) has no packets to move") }
        if self[base + 0x14] % 4 != 0 { note("channel \(channel) uses memory at an odd place") }
        isShort = false
        let looks = !isEmulated
        if field(channel, 0, 15, 1) == 0 {
            let data = outgoing(channel)
            let answer =
                mark(channel) == 3
                ? device.takeSetup(data) : device.take(data, at: number, marked: looks ? mark(channel) : nil)
            if answer == .ack { advance(channel, data.count, mark(channel), isIn: false) }
            return answer
        }
        let (answer, mark) = device.give(Int(field(channel, 0, 0, 11)), from: number)
        guard case .data(let data) = answer else { return answer }
        if looks, number != 0, mark != self.mark(channel) {
            // Taken for a packet that came before: acknowledged, and thrown away.
            halt(channel, 1 << 10)
            return .ack
        }
        if !take(data, channel) { halt(channel, 1 << 8) }
        return .ack
    }

    /// Puts a packet from a device into memory; false when it is more than was asked for.
    private func take(_ data: [UInt8], _ channel: Int) -> Bool {
        let size = Int(field(channel, 0, 0, 11))
        let left = Int(field(channel, 0x10, 0, 19))
        if left % size != 0, left != 0, !isEmulated { note("channel \(channel) asks for a part of a packet") }
        if data.count > left || data.count > size { return false }
        memoryWrite(self[0x514 + 0x20 * channel], data)
        isShort = data.count < size
        advance(channel, data.count, mark(channel), isIn: true)
        return true
    }

    private func advance(_ channel: Int, _ count: Int, _ mark: UInt32, isIn: Bool) {
        let base = 0x500 + 0x20 * channel
        let packets = field(channel, 0x10, 19, 10)
        let left = Int(field(channel, 0x10, 0, 19))
        // DATA0 and DATA1 take turns; after a setup comes DATA1. QEMU's leaves the mark alone.
        let next: UInt32 = isEmulated ? mark : mark == 3 ? 2 : mark ^ 2
        self[base + 0x10] = next << 29 | UInt32(max(Int(packets) - 1, 0)) << 19 | UInt32(left - count)
        self[base + 0x14] &+= UInt32(count)
        if mark != 3 {
            let endpoint = field(channel, 0, 11, 4) << 1 | (isIn ? 1 : 0)
            if endpoint > 1 { marks[field(channel, 0, 22, 7) << 8 | endpoint, default: []].append(mark) }
        }
    }

    // MARK: - Memory

    /// The alias through which the controller sees memory.
    static let alias: UInt64 = 0xC000_0000

    private func memoryRead(_ address: UInt32, _ count: Int) -> [UInt8] {
        if count == 0 { return [] }
        let place = UInt64(address) &- Self.alias
        guard let memory = memories.first(where: { $0.contains(place, count: count) }) else {
            note("a read of memory that is nobody's")
            return [UInt8](repeating: 0, count: count)
        }
        return memory.deviceRead(place, count: count)
    }

    private func memoryWrite(_ address: UInt32, _ data: [UInt8]) {
        if data.isEmpty { return }
        let place = UInt64(address) &- Self.alias
        guard let memory = memories.first(where: { $0.contains(place, count: data.count) }) else {
            return note("a write to memory that is nobody's")
        }
        memory.deviceWrite(data, at: place)
    }
}
