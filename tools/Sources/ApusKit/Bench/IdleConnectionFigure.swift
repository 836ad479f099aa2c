/// Heap that an idle connection takes, beside its task.
struct IdleConnectionFigure: Benchmark {
    let name = "idle-connection"
    let title = "memory of an idle connection, beside its task"
    let method = "what 2,000 take in `BenchNetwork` that have exchanged a byte and rested"
    let goal: Goal? = Goal(most: 2048, unit: "bytes")

    func measure(_ bench: Workbench) throws -> Measurement {
        let programs = try NetworkPrograms(repository: bench.repository) { Screen.note($0) }
        let guest = try TapGuest(bench.configuration("BenchNetwork", hasBoardDevices: true), programs)
        try guest.machine.expect("bench network ready")
        _ = try guest.talk("hold --port 11 --connections 2000 --idle 8")
        try guest.machine.expect("bench idle-connection")
        let figures = Workbench.figures(in: guest.machine.console)
        guard let figure = figures[name] else { throw BenchError.notReported(name, application: "BenchNetwork") }
        return figure
    }
}
