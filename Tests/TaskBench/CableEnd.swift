import Interfaces
import Runtime

/// A network device in memory at the end of a `Cable`.
///
/// A buffer's bytes are its taker's alone: the device's until `receive`, then the frame's.
@safe
package final class CableEnd: NetworkDevice {
    private static let bufferSize = 1518
    private static let bufferCount = 256

    package let hardwareAddress: HardwareAddress
    package let maximumTransmissionUnit = 1500
    package let capabilities: NetworkCapabilities = []
    package var statistics = NetworkStatistics()
    package var isPromiscuous = false
    /// Raised when a frame arrives.
    package var work: Signal?
    var cable: Cable?

    private let memory: UnsafeMutableRawBufferPointer
    private var pool = FramePool(count: CableEnd.bufferCount)
    private var waiting: [(buffer: Int, length: Int)] = []

    init(_ address: HardwareAddress, _ cable: Cable) {
        hardwareAddress = address
        self.cable = cable
        unsafe memory = .allocate(byteCount: Self.bufferCount * Self.bufferSize, alignment: 64)
    }

    deinit {
        for (buffer, _) in waiting { pool.giveBack(buffer) }
        unsafe memory.deallocate()
    }

    package var link: LinkState {
        cable?.isPlugged == true ? .up(LinkMode(.megabits1000, isFullDuplex: true)) : .down
    }

    package func transmit(
        _ length: Int, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) throws(NetworkError) {
        if checksum != nil { throw .unsupported }
        guard (14...Self.bufferSize).contains(length) else { throw .length }
        guard let cable, cable.isPlugged else { throw .linkDown }
        var bytes = [UInt8](repeating: 0, count: length)
        Self.fill(&bytes, fill)
        statistics.transmittedFrames += 1
        cable.carry(bytes, from: self)
    }

    private static func fill(_ bytes: inout [UInt8], _ body: (inout MutableRawSpan) -> Void) {
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        body(&raw)
    }

    package var transmitRoom: Int { .max }

    /// A frame has come through the cable. Without a free buffer it is lost.
    func arrive(_ bytes: [UInt8]) {
        guard let buffer = pool.take() else {
            statistics.noBuffer += 1
            return
        }
        let start = buffer * Self.bufferSize
        for (index, byte) in bytes.enumerated() { unsafe memory[start + index] = byte }
        waiting.append((buffer, bytes.count))
        if let work { Trouble.interrupt { work.raise() } }
    }

    package func receive() -> ReceivedFrame? {
        if waiting.isEmpty { return nil }
        let (buffer, length) = waiting.removeFirst()
        statistics.receivedFrames += 1
        let start = buffer * Self.bufferSize
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: memory[start..<start + Self.bufferSize])
        return unsafe pool.frame(buffer, of: bytes, 0..<length, checksum: .unknown)
    }

    package func takeInterrupts() -> NetworkInterrupts { [] }
    // There is always room: whoever wants to wait for it has it already.
    package func arm(_ causes: NetworkInterrupts) -> Bool { waiting.isEmpty && !causes.contains(.transmit) }
    package func maintain() -> Instant { SystemTime.now + .milliseconds(100) }
    package func join(_ address: HardwareAddress) {}
    package func leave(_ address: HardwareAddress) {}
    package func stop() throws(DeviceError) {}
}
