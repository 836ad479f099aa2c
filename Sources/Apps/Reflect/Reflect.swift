import Interfaces
import RaspberryPi4
import Runtime

/// Sends every frame back to its sender, and says once in a while how many.
@main
struct Reflect {
    static func main() {
        Board.start()
        do throws(DeviceError) {
            let ethernet = try Board.openEthernet()
            let reporter = try? Task.spawn("report") { () throws(TaskError) in try report(ethernet) }
            reporter?.detach()
            try? serve(ethernet)
        } catch {
            print(error == .absent ? "reflect: there is no Ethernet here" : "reflect: the Ethernet does not start")
        }
    }

    /// Frames that could not leave: the link had gone.
    nonisolated(unsafe) private static var dropped: UInt64 = 0

    private static func serve(_ ethernet: Ethernet) throws(TaskError) {
        while true {
            for _ in 0..<Ethernet.batch {
                guard let frame = ethernet.nextFrame() else { break }
                // What waits here makes the receive ring overflow, where the controller counts it: nothing gets lost in between.
                while !reflect(frame, by: ethernet) { try ethernet.waitForWork(for: .transmit) }
            }
            try ethernet.waitForWork()
        }
    }

    /// Source and destination change places; the rest goes as it came. False when there is no room to send.
    private static func reflect(_ frame: borrowing ReceivedFrame, by ethernet: Ethernet) -> Bool {
        let received = frame.bytes
        do throws(NetworkError) {
            try ethernet.transmit(received.byteCount) { sent in
                // `transmit` was asked for a buffer of this length.
                unsafe sent.withUnsafeMutableBytes { target in
                    unsafe received.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
                }
                for index in 0..<6 {
                    sent.storeBytes(of: byte(received, 6 + index), toByteOffset: index, as: UInt8.self)
                    sent.storeBytes(of: byte(received, index), toByteOffset: 6 + index, as: UInt8.self)
                }
            }
        } catch {
            if error == .full { return false }
            unsafe dropped &+= 1
        }
        return true
    }

    private static func byte(_ bytes: RawSpan, _ offset: Int) -> UInt8 {
        unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    private static func report(_ ethernet: Ethernet) throws(TaskError) {
        var link = LinkState.down
        var frames: UInt64 = 0
        while true {
            let state = ethernet.link
            if state != link {
                link = state
                print(state.isUp ? "reflect: link up" : "reflect: link down")
            }
            let statistics = ethernet.statistics
            if statistics.receivedFrames != frames {
                frames = statistics.receivedFrames
                unsafe print("reflect: \(frames) received, \(statistics.transmittedFrames) sent, \(dropped) dropped")
            }
            try Task.sleep(for: .seconds(1))
        }
    }
}
