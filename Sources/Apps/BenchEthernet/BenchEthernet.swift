import BCM54213PE
import GENET
import Interfaces
import RaspberryPi4
import Runtime

/// Measures what the Ethernet driver costs, with a partner at the other end of the cable that sends every 32 frames back together.
///
/// The driver is driven by hand, without its interrupt, so that nothing but its own code lies between two readings of the counter.
@main
struct BenchEthernet {
    typealias CountedGENET = GENET<
        CountingBus, TaskClock, DeviceMemory, BCM54213PE<GENETManagementBus<CountingBus, TaskClock>, TaskClock>
    >

    /// Bytes in a frame without its check sequence: one of 64 bytes on the cable, and the longest.
    static let short = 60
    static let long = 1514

    static func main() {
        Board.start()
        do throws(DeviceError) {
            let ethernet = try Board.openEthernet(spareBuffers: 128)
            let controller = ethernet.controller
            measure(controller, DriverBench.instructionClock)
            report("driver-copied", Copies.count(controller, length: long), "bytes")
            try controller.stop()
            try count(address: ethernet.hardwareAddress)
            print("bench done")
        } catch {
            print("bench failed: there is no Ethernet here")
        }
    }

    private static func measure(_ controller: Board.EthernetController, _ meter: @escaping DriverBench.Meter) {
        var bench = DriverBench(meter)
        bench.waitForLink(controller)
        let short = bench.run(controller, length: short)
        let batch = UInt64(DriverBench.batch)
        report("driver-receive", short.receive / batch, "instructions")
        report("driver-transmit", short.transmit / batch, "instructions")
        report("driver-frame", short.sum / batch, "instructions")
        report("driver-frame-long", bench.run(controller, length: long).sum / batch, "instructions")
    }

    /// The same with a driver that counts its accesses to registers.
    private static func count(address: HardwareAddress) throws(DeviceError) {
        let bus = CountingBus(MMIO(Board.Device.ethernet.address))
        guard let memory = Memory.allocateDeviceMemory(CountedGENET.memorySize(spareBuffers: 128)) else { return }
        let phy = BCM54213PE(GENETManagementBus(bus, time: TaskClock()), time: TaskClock())
        let controller = CountedGENET(bus, time: TaskClock(), memory: memory, phy: phy, address: address)
        try controller.start()
        var bench = DriverBench { unsafe CountingBus.accesses }
        bench.waitForLink(controller)
        let costs = bench.run(controller, length: short)
        report("driver-receive-accesses", costs.receive + costs.interrupt + costs.arm, "register accesses")
        report("driver-transmit-accesses", costs.transmit, "register accesses")
        try controller.stop()
    }

    static func report(_ name: StaticString, _ value: UInt64, _ unit: StaticString) {
        print("bench \(name) \(value) \(unit)")
    }
}
