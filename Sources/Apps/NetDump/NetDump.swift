import Interfaces
import RaspberryPi4
import Runtime

/// Shows every frame that arrives, whoever it is for: a line each, or, with `pcap` in the line of arguments, the records of a capture.
@main
struct NetDump {
    static func main() {
        Board.start()
        do throws(DeviceError) {
            let ethernet = try Board.openEthernet(spareBuffers: 256)
            ethernet.isPromiscuous = true
            print("netdump: listening")
            let isRecording = Board.arguments.contains("pcap")
            try? isRecording ? record(ethernet) : list(ethernet)
        } catch {
            print(error == .absent ? "netdump: there is no Ethernet here" : "netdump: the Ethernet does not start")
        }
    }

    private static func list(_ ethernet: Ethernet) throws(TaskError) {
        var listing = Listing()
        try forEachFrame(of: ethernet) { frame in listing.show(frame) }
    }

    private static func record(_ ethernet: Ethernet) throws(TaskError) {
        let recorder = Recorder()
        try forEachFrame(of: ethernet) { frame in recorder.record(frame) }
    }

    /// Hands each frame to `body`, which does not keep it; says what was counted when none have come for a while.
    private static func forEachFrame(
        of ethernet: Ethernet, _ body: (borrowing ReceivedFrame) -> Void
    ) throws(TaskError) {
        var counters = Counters()
        while true {
            for _ in 0..<Ethernet.batch {
                guard let frame = ethernet.nextFrame() else { break }
                counters.count(frame)
                body(frame)
            }
            try ethernet.waitForWork()
            counters.showIfDue(ethernet.statistics)
        }
    }
}
