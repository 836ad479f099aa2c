import Interfaces

final class Loopback: NetworkDevice {
    static let bufferSize = 1518
    let memory: UnsafeMutableRawBufferPointer
    var pool: FramePool
    var waiting: [(buffer: Int, length: Int)] = []
    var statistics = NetworkStatistics()
    var isPromiscuous = false
    var groups: [HardwareAddress: Int] = [:]
    let hardwareAddress = HardwareAddress([0x02, 0, 0, 0, 0, 1])
    let maximumTransmissionUnit = 1500
    let link = LinkState.up(LinkMode(.megabits1000, isFullDuplex: true))
    let capabilities: NetworkCapabilities = []

    init(buffers: Int) {
        unsafe memory = .allocate(byteCount: buffers * Self.bufferSize, alignment: 64)
        pool = FramePool(count: buffers)
    }

    deinit {
        for (buffer, _) in waiting { pool.giveBack(buffer) }
        unsafe memory.deallocate()
    }

    /// The bytes of `buffer`: its taker's alone.
    private func bytes(_ buffer: Int) -> UnsafeMutableRawBufferPointer {
        let start = buffer * Self.bufferSize
        return unsafe UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + Self.bufferSize])
    }

    func transmit(
        _ length: Int, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) throws(NetworkError) {
        if checksum != nil { throw .unsupported }
        guard (14...Self.bufferSize).contains(length) else { throw .length }
        guard let buffer = pool.take() else { throw .full }
        var span = unsafe MutableRawSpan(_unsafeStart: bytes(buffer).baseAddress!, byteCount: length)
        fill(&span)
        waiting.append((buffer, length))
        statistics.transmittedFrames += 1
        statistics.transmittedBytes += UInt64(length)
    }

    var transmitRoom: Int { pool.freeCount }

    func receive() -> ReceivedFrame? {
        if waiting.isEmpty { return nil }
        let (buffer, length) = waiting.removeFirst()
        statistics.receivedFrames += 1
        statistics.receivedBytes += UInt64(length)
        return unsafe pool.frame(buffer, of: .init(bytes(buffer)), 0..<length, checksum: .unknown)
    }

    func takeInterrupts() -> NetworkInterrupts { [] }
    func arm(_ causes: NetworkInterrupts) -> Bool { waiting.isEmpty }
    func maintain() -> Instant { .never }
    func join(_ address: HardwareAddress) { groups[address, default: 0] += 1 }
    func leave(_ address: HardwareAddress) { groups[address]! -= 1 }
    func stop() throws(DeviceError) {}
}
