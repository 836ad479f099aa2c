import Interfaces
import RaspberryPi4

/// Registers whose accesses are counted, those of all such buses together.
struct CountingBus: RegisterBus {
    nonisolated(unsafe) private(set) static var accesses: UInt64 = 0

    private let bus: MMIO

    init(_ bus: MMIO) { self.bus = bus }

    func read(_ offset: Int) -> UInt32 {
        unsafe Self.accesses &+= 1
        return bus.read(offset)
    }

    func write(_ value: UInt32, at offset: Int) {
        unsafe Self.accesses &+= 1
        bus.write(value, at: offset)
    }

    func probe(_ offset: Int) -> UInt32? { bus.probe(offset) }
}
