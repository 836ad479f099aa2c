import Interfaces
import RaspberryPi4
import Runtime
import Storage

/// Shows every frame that arrives, whoever it is for: a line each, or, with `pcap` in the line of arguments, the records of a capture on the
/// console, with `card` in a file on the card.
@main
struct NetDump {
    static func main() {
        Board.start()
        do throws(DeviceError) {
            let ethernet = try Board.openEthernet(spareBuffers: 256)
            ethernet.isPromiscuous = true
            print("netdump: listening")
            let arguments = Board.arguments
            if arguments.contains("card") {
                captureToCard(ethernet)
            } else if arguments.contains("pcap") {
                let console = ConsoleCapture()
                try? record(ethernet, to: Recorder { console.put($0) })
            } else {
                try? list(ethernet)
            }
        } catch {
            print(error == .absent ? "netdump: there is no Ethernet here" : "netdump: the Ethernet does not start")
        }
    }

    private static func captureToCard(_ ethernet: Ethernet) {
        do throws(FileError) {
            let card = try CardCapture()
            try? record(ethernet, to: Recorder { card.put($0) }) { card.flush() }
        } catch {
            print("netdump: no capture on the card: \(error.description)")
        }
    }

    private static func list(_ ethernet: Ethernet) throws(TaskError) {
        var listing = Listing()
        try forEachFrame(of: ethernet) { frame in listing.show(frame) }
    }

    private static func record(
        _ ethernet: Ethernet, to recorder: Recorder, whenQuiet: () -> Void = {}
    ) throws(TaskError) {
        try forEachFrame(of: ethernet, whenQuiet: whenQuiet) { frame in recorder.record(frame) }
    }

    /// Hands each frame to `body`, which does not keep it; when none have come for a while, calls `whenQuiet` and says what was counted.
    private static func forEachFrame(
        of ethernet: Ethernet, whenQuiet: () -> Void = {}, _ body: (borrowing ReceivedFrame) -> Void
    ) throws(TaskError) {
        var counters = Counters()
        while true {
            for _ in 0..<Ethernet.batch {
                guard let frame = ethernet.nextFrame() else { break }
                counters.count(frame)
                body(frame)
            }
            try ethernet.waitForWork()
            if counters.isDue {
                whenQuiet()
                counters.show(ethernet.statistics)
            }
        }
    }
}
