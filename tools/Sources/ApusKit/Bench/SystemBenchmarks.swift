extension BenchmarkGroup {
    private static func instructions(_ most: Int) -> Goal { Goal(most: most, unit: "instructions") }

    /// Images, start, tasks and memory.
    static let system = BenchmarkGroup(
        name: "system", title: "Images, start, tasks, memory",
        notes: "",
        benchmarks: [
            ImageSize(application: "Hello", goal: Goal(most: 48 << 10, unit: "bytes")),
            ImageSize(application: "SelfTest", goal: nil),
            ImageSize(application: "Shell", goal: nil),
            GuestFigure(
                name: "start-to-first-line", title: "`_start` to the application's first line",
                method: "the counter when the first line has been written", goal: instructions(150_000)),
            GuestFigure(
                name: "memory-in-use", title: "memory in use when the application runs",
                method: "image, page tables, stacks and heap", goal: Goal(most: 512 << 10, unit: "bytes")),
            GuestFigure(
                name: "bare-switch", title: "switch of stacks alone", method: "mean of 20,000 switches",
                goal: instructions(40)),
            GuestFigure(
                name: "yield-to-yield", title: "task switch, yield to yield",
                method: "mean of 20,000 yields of two tasks", goal: instructions(120)),
            GuestFigure(
                name: "interrupt-to-task", title: "interrupt entry to the waiting task running",
                method: "mean of 1,000 sleeps of an idle system: from the timer's deadline on",
                goal: instructions(800)),
            GuestFigure(
                name: "spawn-and-join", title: "starting a task and joining it", method: "mean of 200", goal: nil),
            GuestFigure(
                name: "heap-pair", title: "allocating 64 bytes and freeing them", method: "mean of 10,000 pairs",
                goal: nil),
        ])
}
