import BCM54213PE
import GENET
import Interfaces
import Models
import Runtime
import TaskBench
import Testing

private typealias Bus = TroubledBus<GENETModel>
private typealias PHY = BCM54213PE<GENETManagementBus<Bus, TaskClock>, TaskClock>
private typealias Ethernet = GENET<Bus, TaskClock, CoherentArenaModel, PHY>

/// What the driver of the Ethernet promises, whatever the order of tasks, interrupts and wakes.
@Suite(.serialized) struct EthernetScheduleTests {
    @Test(arguments: Trouble.seeds(6))
    func `several tasks ask the PHY, and each gets its own answer, in any order of things`(seed: UInt64) throws {
        try Trouble.$seed.withValue(seed) {
            try VirtualProcessor.run {
                let hardware = TaskHardware()
                let task = try hardware.start()
                let memory = CoherentArenaModel(
                    count: Ethernet.memorySize(spareBuffers: 64), seed: seed, restlessness: 2)
                let model = GENETModel(hardware.clock, memory: memory, seed: seed)
                let bus = TroubledBus(model, hardware)
                let phy = BCM54213PE(GENETManagementBus(bus, time: TaskClock()), time: TaskClock())
                let device = Ethernet(
                    bus, time: TaskClock(), memory: memory, phy: phy,
                    address: HardwareAddress([0xDC, 0xA6, 0x32, 0x01, 0x02, 0x03]), configuration: GENETConfiguration())
                try device.start()
                model.phy.connect()
                let network = try Task.spawn("network") { () throws(TaskError) in
                    while true { try Task.sleep(until: device.maintain()) }
                }
                let patience = SystemTime.now + .seconds(20)
                while !device.link.isUp, SystemTime.now < patience { try Task.sleep(for: .milliseconds(10)) }
                var (wrong, ended) = (0, 0)
                // The two halves of the identification, and the partner's abilities.
                let registers: [(UInt8, UInt16)] = [(2, 0x600D), (3, 0x84A2), (5, 0x4DE1)]
                for (register, value) in registers {
                    try Task.spawn("mdio") { () throws(TaskError) in
                        for _ in 0..<40 {
                            let answer = try? device.withPHY { phy throws(DeviceError) in try phy.register(register) }
                            // The partner's register has a bit of its own for the acknowledgement.
                            if answer.map({ $0 | 0x4000 }) != value | 0x4000 { wrong += 1 }
                            try Task.sleep(for: .milliseconds(40))
                        }
                        ended += 1
                    }.detach()
                }
                while ended < registers.count { try Task.sleep(for: .milliseconds(10)) }
                #expect(wrong == 0 && device.link.isUp)
                let counters = device.statistics
                #expect(counters.linksDown == 0, "a wrong answer took the link down")
                network.cancel()
                try? network.join()
                try device.stop()
                #expect(model.violations.isEmpty && memory.violations.isEmpty)
                task.cancel()
                try? task.join()
            }
        }
    }
}
