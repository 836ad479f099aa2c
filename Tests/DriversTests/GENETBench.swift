import BCM54213PE
import GENET
import Interfaces
import Models

typealias ModelPHY = BCM54213PE<GENETManagementBus<GENETModel, VirtualClock>, VirtualClock>
typealias ModelGENET = GENET<GENETModel, VirtualClock, CoherentArenaModel, ModelPHY>

/// A GENET on the bench: model, memory, driver.
final class GENETBench {
    static let address = HardwareAddress([0xDC, 0xA6, 0x32, 0x01, 0x02, 0x03])
    let clock = VirtualClock()
    let memory: CoherentArenaModel
    let model: GENETModel
    let device: ModelGENET
    let spare: Int

    init(spare: Int = 64, isNetbooted: Bool = false, restlessness: Int = 2, seed: UInt64 = 1, threshold: UInt32 = 16) {
        self.spare = spare
        memory = CoherentArenaModel(
            count: ModelGENET.memorySize(spareBuffers: spare), seed: seed, restlessness: restlessness)
        model = GENETModel(clock, memory: memory, isNetbooted: isNetbooted, seed: seed)
        let phy = BCM54213PE(GENETManagementBus(model, time: clock), time: clock)
        device = GENET(
            model, time: clock, memory: memory, phy: phy, address: Self.address,
            configuration: GENETConfiguration(receiveThreshold: threshold))
    }

    deinit { try? device.stop() }

    /// A bench with the link up.
    static func linked(
        spare: Int = 64, isNetbooted: Bool = false, seed: UInt64 = 1, restful: Bool = false, threshold: UInt32 = 16
    ) throws -> GENETBench {
        let bench = GENETBench(
            spare: spare, isNetbooted: isNetbooted, restlessness: restful ? 0 : 2, seed: seed, threshold: threshold)
        try bench.device.start()
        bench.model.phy.connect()
        bench.maintain(seconds: 4)
        return bench
    }

    /// Everything that was done wrong.
    var violations: [String] { model.violations + memory.violations }

    /// Does maintenance when it is due, for `seconds`.
    func maintain(seconds: UInt64) {
        let end = clock.now + .seconds(seconds)
        while clock.now < end { clock.wait(until: min(device.maintain(), end)) }
    }

    /// A frame to `destination`, of `length` bytes, with a pattern.
    static func frame(_ length: Int, to destination: HardwareAddress = address, seed: UInt64 = 1) -> [UInt8] {
        var bytes = pattern(max(length, 14), seed: seed &+ UInt64(length) &* 77)
        for index in 0..<6 { bytes[index] = destination[index] }
        return Array(bytes.prefix(length))
    }

    /// A frame of 60 bytes that tells its number.
    static func shortFrame(_ number: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number >> 8), count: 60)
        for index in 0..<6 { bytes[index] = address[index] }
        bytes[6] = UInt8(truncatingIfNeeded: number)
        return bytes
    }

    func send(_ frame: [UInt8], checksum: TransmitChecksum? = nil) throws(NetworkError) {
        try device.transmit(frame.count, checksum: checksum) { span in
            for index in 0..<frame.count { span.storeBytes(of: frame[index], toByteOffset: index, as: UInt8.self) }
        }
    }

    /// Lets what was handed over leave.
    func drain() { clock.advance(by: .milliseconds(4)) }

    /// Takes what has arrived.
    func take() -> [[UInt8]] {
        var frames: [[UInt8]] = []
        while let frame = device.receive() { frames.append(frame.content) }
        return frames
    }

    /// Takes a frame and lets go of it. False when there is none.
    func takesOne() -> Bool { device.receive() != nil }

    /// Takes what has arrived, and tells how many.
    func takeCount() -> Int {
        var count = 0
        while takesOne() { count += 1 }
        return count
    }
}

extension ReceivedFrame {
    /// The bytes, copied.
    var content: [UInt8] {
        let bytes = bytes
        return (0..<bytes.byteCount).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
}
