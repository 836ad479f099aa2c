import Interfaces
import Runtime

extension MetricsText {
    /// What the runtime knows: time, heap, tasks, interrupts.
    public mutating func appendRuntime() {
        begin("apus_build_info", .gauge, "The build id of the image that runs.")
        sample("build", Self.imageName, 1)
        let now = SystemTime.now.nanoseconds
        begin("apus_uptime_seconds_total", .counter, "Seconds since power-on.")
        sample(decimal: now / 1_000_000, 3)
        begin("apus_idle_seconds_total", .counter, "Seconds in which no task had anything to do.")
        sample(decimal: Tasks.idleTime.nanoseconds / 1_000_000, 3)
        let heap = Memory.statistics
        gauge("apus_heap_capacity_bytes", "Memory that the heap may give out.", heap.capacity)
        gauge("apus_heap_in_use_bytes", "Memory that was given out and not given back.", heap.inUse)
        gauge("apus_heap_peak_bytes", "The most memory in use so far.", heap.peak)
        gauge("apus_heap_committed_bytes", "Pages taken by the heap, stacks and devices.", heap.committed)
        counter("apus_heap_allocations_total", "Requests for memory.", heap.allocations)
        counter("apus_heap_failures_total", "Requests for memory that were refused.", heap.failures)
        gauge("apus_tasks", "Tasks, those that wait included.", UInt64(Tasks.count))
        begin("apus_interrupts_total", .counter, "Interrupts handled.")
        var rows: [(StaticString, UInt64)] = []
        Interrupts.forEach { _, name, count in rows.append((name, count)) }
        for (name, count) in rows { sample("source", "\(name)", count) }
        counter(
            "apus_interrupts_unexpected_total", "Interrupts that nobody had asked for.", unsafe Interrupts.unexpected)
    }

    /// The line of the note that names the build; what it holds is not the same for two different images.
    private static var imageName: Text {
        let lines = Image.note.bytes.split(separator: 0x0A)
        let build = lines.first { $0.starts(with: [0x62, 0x75, 0x69, 0x6C, 0x64, 0x3A]) }
        return Text([UInt8](build.map { $0.dropFirst(7) } ?? []))
    }
}
