/// Instructions for a full TCP segment, driver and application included.
struct SegmentFigure: Benchmark {
    let isReceived: Bool

    var name: String { isReceived ? "segment-receive" : "segment-send" }
    var title: String { "one full TCP segment, " + (isReceived ? "received, acknowledged and delivered" : "sent") }
    var method: String { "time not idle during 16 MiB with one nanosecond an instruction, by segments" }
    var goal: Goal? { Goal(most: isReceived ? 2500 : 2000, unit: "instructions") }

    func measure(_ bench: Workbench) throws -> Measurement {
        let console = try bench.once("segments") {
            var configuration = try bench.configuration("BenchNetwork", hasBoardDevices: true)
            // Idle time is not leapt over, for the other end's clock does not leap.
            configuration.extra = ["-icount", "shift=0"]
            let programs = try NetworkPrograms(repository: bench.repository) { Screen.note($0) }
            let guest = try TapGuest(configuration, programs)
            try guest.machine.expect("bench network ready")
            _ = try guest.talk("push --bytes \(16 << 20)")
            _ = try guest.talk("pull")
            try guest.machine.expect("bench send")
            try guest.machine.expect("per sent")
            _ = try guest.machine.monitor("info status")
            return guest.machine.console
        }
        let (line, word) = isReceived ? ("receive", "per received") : ("send", "per sent")
        guard let text = console.split(whereSeparator: \.isNewline).last(where: { $0.hasPrefix("bench \(line) ") }),
            let range = text.range(of: word),
            let value = Int(text[range.upperBound...].split(separator: " ").first ?? "")
        else { throw BenchError.notReported(line, application: "BenchNetwork") }
        return Measurement(value: value, unit: "instructions")
    }
}
