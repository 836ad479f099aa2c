/// A figure that the application `Bench` reports from inside.
struct GuestFigure: Benchmark {
    let name: String
    let title: String
    let method: String
    let goal: Goal?

    func measure(_ bench: Workbench) throws -> Measurement {
        guard let measurement = try bench.guestFigures()[name] else {
            throw BenchError.notReported(name, application: "Bench")
        }
        return measurement
    }
}
