/// The share of one core that the driver takes on the board at line rate, calculated from what was counted.
struct EthernetLoad: Benchmark {
    /// The core's clock (BCM2711, as the firmware sets it).
    static let hertz = 1_500_000_000
    /// What an access to a register of the controller stalls the core.
    static let cyclesPerAccess = 300
    /// 1500 bytes of payload take this much time on the cable: header, check sequence, preamble and gap (IEEE 802.3, 4.4.2).
    static let bytesOnTheCable = 1500 + 18 + 8 + 12

    /// The assumptions, for the report.
    static let notes = """
        The driver alone, and `Reflect` on top of it. The board's share is a calculation, for no board has been measured: \
        \(EthernetLoad.framesPerSecond) frames
        a second each way (a gigabit, 1500 bytes of payload, \(bytesOnTheCable) with all that is on the cable), one cycle for \
        an instruction,
        \(cyclesPerAccess) cycles for each counted register access at 1.5 GHz. Not in it: misses of the cache, and what the \
        frames' user does.

        """

    static let framesPerSecond = 1_000_000_000 / 8 / bytesOnTheCable

    let name = "board-load"
    let title = "share of one core at gigabit line rate both ways, 1500 bytes"
    let method = "frames a second x (instructions + 300 x register accesses) / 1.5 GHz"
    let goal: Goal? = Goal(most: 29, unit: "%")

    func measure(_ bench: Workbench) throws -> Measurement {
        let figures = try DriverFigure.figures(bench)
        func value(_ name: String) throws -> Int {
            guard let figure = figures[name] else { throw BenchError.notReported(name, application: "BenchEthernet") }
            return figure.value
        }
        let accesses = try value("driver-receive-accesses") + value("driver-transmit-accesses")
        let cycles = try value("driver-frame-long") * 32 + accesses * Self.cyclesPerAccess
        let share = Self.framesPerSecond * cycles / 32
        // Rounded up: a goal is not reached by rounding.
        return Measurement(value: (share * 100 + Self.hertz - 1) / Self.hertz, unit: "%")
    }
}
