import Interfaces

/// Requests, and asking interrupt endpoints: transfers whose caller waits.
extension DWC2 {
    /// How long a device may take for a stage of a request. USB 2.0, 9.2.6.4 allows some requests more; nobody needs it.
    private static var controlLimit: Interval { .seconds(2) }
    /// How long an interrupt endpoint may be silent, not even refusing: a few frames.
    private static var pollLimit: Interval { .milliseconds(20) }

    /// Sends a request: see `USBHostController`.
    public func control(_ setup: USBSetup, of target: USBTarget, writing data: RawSpan) throws(USBError) {
        precondition(!setup.isIn || setup.length == 0, "DWC2: a request for data needs room for it")
        precondition(data.byteCount == Int(setup.length), "DWC2: as much data as the request says")
        try withControlChannel { () throws(USBError) in
            guard data.byteCount <= DWC2Layout.data.count else { throw .full }
            unsafe data.withUnsafeBytes { bytes in
                unsafe UnsafeMutableRawBufferPointer(rebasing: memory.bytes[DWC2Layout.data]).copyMemory(from: bytes)
            }
            // Orders the data before the registers that let the controller read it.
            memory.clean(DWC2Layout.data.prefix(data.byteCount))
            _ = try stages(setup, of: target, count: data.byteCount)
        }
    }

    /// Sends a request for data: see `USBHostController`.
    public func control(
        _ setup: USBSetup, of target: USBTarget, reading buffer: inout MutableRawSpan
    ) throws(USBError) -> Int {
        precondition(setup.isIn, "DWC2: the request is for data")
        let room = min(buffer.byteCount, Int(setup.length), DWC2Layout.data.count)
        var setup = setup
        setup.length = UInt16(room)
        var count = 0
        try withControlChannel { () throws(USBError) in
            // Nothing dirty is left that could be written over what the controller writes.
            memory.invalidate(DWC2Layout.data.prefix(room))
            count = min(try stages(setup, of: target, count: room), room)
            // What was fetched meanwhile goes: the loads below see what the controller wrote.
            memory.invalidate(DWC2Layout.data.prefix(count))
        }
        copy(DWC2Layout.data.lowerBound, count, to: &buffer)
        return count
    }

    /// Asks an interrupt endpoint: see `USBHostController`.
    public func poll(
        _ polled: inout USBPolledEndpoint, of target: USBTarget, into buffer: inout MutableRawSpan
    ) throws(USBError) -> Int? {
        guard isStarted else { throw .absent }
        while isPollBusy { time.wait(for: .milliseconds(1)) }
        isPollBusy = true
        defer { isPollBusy = false }
        let channel = channels[1]
        channel.open(polled.endpoint, of: target)
        channel.packetID = polled.isOdd ? .data1 : .data0
        channel.split.isUncertain = polled.isUncertain
        defer {
            // An empty packet counts like any other (USB 2.0, 8.6). QEMU's core leaves the mark as it was; its devices do not look.
            polled.isOdd = channel.packetID == .data1
            polled.isUncertain = channel.split.isUncertain
        }
        let area = DWC2Layout.polled.prefix(polled.endpoint.packetSize)
        // As for requests: nothing dirty before, nothing fetched early after.
        memory.invalidate(area)
        let count = try perform(
            channel, at: area.lowerBound, count: polled.endpoint.packetSize, event: events.poll, within: Self.pollLimit,
            waitingFor: "interrupt endpoint")
        memory.invalidate(area)
        if count == 0 { return nil }
        let given = min(count, buffer.byteCount)
        copy(area.lowerBound, given, to: &buffer)
        return given
    }

    // MARK: - Stages

    /// One request at a time.
    private func withControlChannel(_ body: () throws(USBError) -> Void) throws(USBError) {
        guard isStarted else { throw .absent }
        while isControlBusy { time.wait(for: .milliseconds(1)) }
        isControlBusy = true
        defer { isControlBusy = false }
        try body()
    }

    /// Setup, data if there is any, status. USB 2.0, 8.5.3.
    private func stages(_ setup: USBSetup, of target: USBTarget, count: Int) throws(USBError) -> Int {
        unsafe memory.bytes.storeBytes(of: setup.word.littleEndian, toByteOffset: 0, as: UInt64.self)
        // Orders the request before the registers that let the controller read it.
        memory.clean(DWC2Layout.setup)
        try stage(of: target, isIn: false, .setup, at: DWC2Layout.setup.lowerBound, 8)
        var moved = 0
        if count > 0 {
            moved = try stage(of: target, isIn: setup.isIn, .data1, at: DWC2Layout.data.lowerBound, count)
        }
        try stage(of: target, isIn: !setup.isIn || count == 0, .data1, at: DWC2Layout.scratch.lowerBound, 0)
        return moved
    }

    @discardableResult
    private func stage(
        of target: USBTarget, isIn: Bool, _ packetID: ChannelSize.PacketID, at offset: Int, _ count: Int
    ) throws(USBError) -> Int {
        let endpoint = USBEndpoint(
            number: 0, isIn: isIn, transfer: .control, packetSize: Int(target.controlPacketSize))
        channels[0].open(endpoint, of: target)
        channels[0].packetID = packetID
        return try perform(
            channels[0], at: offset, count: count, event: events.control, within: Self.controlLimit,
            waitingFor: "answer to a request")
    }

    /// Runs one transfer to its end.
    private func perform(
        _ channel: Channel, at offset: Int, count: Int, event: Event, within limit: Interval,
        waitingFor name: StaticString
    ) throws(USBError) -> Int {
        channel.enqueue(Transfer(address: memoryAddress + UInt32(offset), count: count))
        run(channel)
        let deadline = time.now + limit
        while !advance(channel) {
            let isLate = time.now >= deadline
            if isLate || !isPortEnabled {
                halt(channel)
                wipe(channel)
                throw isLate ? .timeout(name) : .disconnected
            }
            let next = channel.askAgain ?? .never
            if channel.translator == nil, channel.askAgain == nil {
                bus.write(.halted, to: DWC2Register.interruptMask(channel.number))
            }
            // Not for ever: a port that goes down halts no channel.
            event.wait(until: min(min(deadline, next), time.now + .milliseconds(20)))
        }
        bus.write([], to: DWC2Register.interruptMask(channel.number))
        guard let end = channel.takeEnded() else { return 0 }
        if let error = end.error { throw error }
        return end.count
    }

    private func copy(_ offset: Int, _ count: Int, to buffer: inout MutableRawSpan) {
        unsafe buffer.withUnsafeMutableBytes { target in
            unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory.bytes[offset..<offset + count]))
        }
    }
}
