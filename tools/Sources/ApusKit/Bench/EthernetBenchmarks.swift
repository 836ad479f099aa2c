extension BenchmarkGroup {
    /// The Ethernet driver.
    static let ethernet = BenchmarkGroup(
        name: "ethernet", title: "Ethernet", notes: EthernetLoad.notes,
        benchmarks: [
            DriverFigure(
                name: "driver-frame", title: "driver code for one received and one sent 64-byte frame",
                method: "mean of 256 batches of 32: interrupt, receive, transmit, arm",
                goal: Goal(most: 600, unit: "instructions")),
            DriverFigure(
                name: "driver-receive", title: "of it, receiving", method: "the same; without interrupt and arm",
                goal: nil),
            DriverFigure(
                name: "driver-transmit", title: "of it, sending", method: "the same; `fill` writes eight bytes",
                goal: nil),
            DriverFigure(
                name: "driver-frame-long", title: "the same with frames of 1518 bytes",
                method: "the same; each line of the cache is cleaned or invalidated", goal: nil),
            DriverFigure(
                name: "driver-receive-accesses", title: "register accesses for 32 received frames",
                method: "counted at the driver's bus, with interrupt and arm",
                goal: Goal(most: 3 * 32, unit: "register accesses")),
            DriverFigure(
                name: "driver-transmit-accesses", title: "register accesses for 32 sent frames",
                method: "the same", goal: Goal(most: 4 * 32, unit: "register accesses")),
            DriverFigure(
                name: "driver-copied", title: "bytes of a frame that the driver copies, each way",
                method: "addresses of the frame and in the descriptors, compared", goal: Goal(most: 0, unit: "bytes")),
            ReflectionFigure(length: 60, part: .rate), ReflectionFigure(length: 60, part: .unexplained),
            ReflectionFigure(length: 60, part: .damaged), ReflectionFigure(length: 1514, part: .rate),
            ReflectionFigure(length: 1514, part: .unexplained), ReflectionFigure(length: 1514, part: .damaged),
            EthernetLoad(),
        ])
}

/// A figure that the application `BenchEthernet` reports from inside.
struct DriverFigure: Benchmark {
    let name: String
    let title: String
    let method: String
    let goal: Goal?

    func measure(_ bench: Workbench) throws -> Measurement {
        guard let measurement = try Self.figures(bench)[name] else {
            throw BenchError.notReported(name, application: "BenchEthernet")
        }
        return measurement
    }

    /// Runs the application, with a partner that sends the frames back by 32.
    static func figures(_ bench: Workbench) throws -> [String: Measurement] {
        try bench.once("BenchEthernet") {
            var configuration = try bench.configuration("BenchEthernet", hasBoardDevices: true)
            configuration.countsInstructions = true
            let machine = try Machine(configuration)
            while !machine.console.contains("bench done") && !machine.console.contains("bench failed") {
                try machine.listen()
                echo(machine)
            }
            return Workbench.figures(in: machine.console)
        }
    }

    /// Sends the next 32 frames back together; fewer when no more come.
    private static func echo(_ machine: Machine) {
        guard let link = machine.frames else { return }
        var batch: [[UInt8]] = []
        while batch.count < 32, let frame = link.receive(timeout: batch.isEmpty ? 0.02 : 0.5) { batch.append(frame) }
        link.send(batch)
    }
}
