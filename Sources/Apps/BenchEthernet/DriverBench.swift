import Boot
import Interfaces
import RaspberryPi4
import Runtime

/// Moves batches of frames through a driver and sums what they cost, by whatever meter.
struct DriverBench {
    typealias Meter = () -> UInt64

    /// What batches cost on average.
    struct Costs {
        /// Taking the interrupt's cause away.
        var interrupt: UInt64 = 0
        /// Receiving the batch, and nil.
        var receive: UInt64 = 0
        /// Sending the batch.
        var transmit: UInt64 = 0
        /// Arming the interrupt again.
        var arm: UInt64 = 0

        var sum: UInt64 { interrupt + receive + transmit + arm }
    }

    static let batch = 32
    private static let rounds: UInt64 = 256

    private let meter: Meter

    init(_ meter: @escaping Meter) { self.meter = meter }

    /// Instructions since the start, where each takes a nanosecond of QEMU's clock.
    static var instructionClock: Meter {
        { apus_counter() * (1_000_000_000 / 1000) / (apus_counter_frequency() / 1000) }
    }

    func waitForLink(_ device: some NetworkDevice) {
        while !device.link.isUp {
            _ = device.maintain()
            try? Task.sleep(for: .milliseconds(50))
        }
    }

    /// The averages over batches of frames of `length` bytes that arrived together.
    mutating func run(_ device: some NetworkDevice, length: Int) -> Costs {
        var sum = Costs()
        var whole: UInt64 = 0
        // Anything but whole batches, such as a frame of somebody else's, is not part of the figures.
        while whole < Self.rounds {
            var costs = Costs()
            transmit(device, length: length, &costs)
            let count = receive(device, &costs)
            costs.arm = measured { _ = device.arm(.receive) }
            // Silent again: the interrupt's handler would take the cause away from the loop that waits for it.
            Self.silence()
            if whole % 16 == 0 { _ = device.maintain() }
            guard count == Self.batch else { continue }
            whole += 1
            sum.interrupt += costs.interrupt
            sum.receive += costs.receive
            sum.transmit += costs.transmit
            sum.arm += costs.arm
        }
        return Costs(
            interrupt: sum.interrupt / whole, receive: sum.receive / whole, transmit: sum.transmit / whole,
            arm: sum.arm / whole)
    }

    /// Masks every interrupt of the controller (INTRL2_0 CPU_MASK_SET; hardware notes "GENET v5", section 2.3).
    private static func silence() { MMIO(Board.Device.ethernet.address).write(.max, at: 0x210) }

    private func measured(_ body: () -> Void) -> UInt64 {
        let start = meter()
        body()
        return meter() - start
    }

    private func transmit(_ device: some NetworkDevice, length: Int, _ costs: inout Costs) {
        costs.transmit = measured {
            for _ in 0..<Self.batch { try? device.transmit(length) { span in address(&span) } }
        }
    }

    /// What the caller writes is not the driver's: two words, so that the frame comes back.
    @inline(__always)
    private func address(_ span: inout MutableRawSpan) {
        span.storeBytes(of: UInt64.max, toByteOffset: 0, as: UInt64.self)
    }

    /// Waits for the frames to come back, and receives them. Returns how many.
    private func receive(_ device: some NetworkDevice, _ costs: inout Costs) -> Int {
        var causes: NetworkInterrupts = []
        for _ in 0..<1_000_000 where causes.isEmpty {
            costs.interrupt = measured { causes = device.takeInterrupts() }
            if !causes.contains(.receive) { causes = [] }
            if causes.isEmpty { try? Task.sleep(for: .microseconds(20)) }
        }
        var count = 0
        costs.receive = measured { while let frame = device.receive() { count += frame.count > 0 ? 1 : 0 } }
        return count
    }
}
