import Foundation

/// Interrupts in a second in which nothing is received, timer and USB together; and Linux's of the controller alone.
struct USBIdleFigure: Benchmark {
    let isLinux: Bool

    var name: String { isLinux ? "usb-idle-interrupts-linux" : "usb-idle-interrupts" }
    var title: String {
        isLinux
            ? "interrupts a second of the USB controller while nothing is received, Linux"
            : "interrupts a second while nothing is received, of the timer and the USB controller together"
    }
    var method: String {
        isLinux
            ? "/proc/interrupts over 10 s, with the adapter up"
            : "`WebServer` on an adapter: its own counters over 20 s"
    }
    var goal: Goal? { isLinux ? nil : Goal(most: 200, unit: "a second") }

    func measure(_ bench: Workbench) throws -> Measurement {
        if isLinux {
            let rates = try bench.once("http rates over usb") { try HTTPRates(bench, onUSB: true) }
            return Measurement(value: rates.linuxInterrupts ?? 0, unit: "a second")
        }
        let programs = try NetworkPrograms(repository: bench.repository) { Screen.note($0) }
        let guest = try TapGuest(bench.configuration("WebServer"), programs, onUSB: true)
        try guest.startLending()
        try guest.machine.expect("web: http://10.0.2.15/", timeout: 60)
        func counters() throws -> (interrupts: Double, seconds: Double) {
            var result = (interrupts: 0.0, seconds: 0.0)
            for line in try guest.get("/metrics").split(separator: "\n") {
                let words = line.split(separator: " ")
                guard words.count == 2, let value = Double(words[1]) else { continue }
                if words[0].hasPrefix("apus_interrupts_total{") { result.interrupts += value }
                if words[0] == "apus_uptime_seconds_total" { result.seconds = value }
            }
            return result
        }
        _ = try counters()
        Thread.sleep(forTimeInterval: 2)
        let first = try counters()
        Thread.sleep(forTimeInterval: 20)
        let last = try counters()
        let rate = (last.interrupts - first.interrupts) / (last.seconds - first.seconds)
        return Measurement(value: Int(rate.rounded()), unit: "a second")
    }
}

extension BenchmarkGroup {
    /// An Ethernet adapter on USB.
    static let usb = BenchmarkGroup(
        name: "usb", title: "USB",
        notes: """
            In the QEMU that Debian ships, one core, with `usb-net` behind the hub that QEMU adds. Requests come from ab over a TAP interface, in \
            turn to this system and to nginx on Debian's Linux, with its dwc2 and cdc_ether.
            """,
        benchmarks: [USBIdleFigure(isLinux: false), USBIdleFigure(isLinux: true)]
            + HTTPRates.connections(onUSB: true).flatMap { connections -> [any Benchmark] in
                [
                    HTTPRateFigure(connections: connections, part: .apus, onUSB: true),
                    HTTPRateFigure(connections: connections, part: .linux, onUSB: true),
                    HTTPRateFigure(connections: connections, part: .ofLinux, onUSB: true),
                ]
            })
}
