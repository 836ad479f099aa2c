import Interfaces
import RaspberryPi4
import Runtime

/// Prints every frame that arrives: number, time, addresses, type, length, first bytes.
@main
struct NetDump {
    nonisolated(unsafe) private static var count: UInt64 = 0

    static func main() {
        Board.start()
        do throws(DeviceError) {
            let ethernet = try Board.openEthernet()
            ethernet.isPromiscuous = true
            print("netdump: listening")
            try? listen(ethernet)
        } catch {
            print(error == .absent ? "netdump: there is no Ethernet here" : "netdump: the Ethernet does not start")
        }
    }

    private static func listen(_ ethernet: Ethernet) throws(TaskError) {
        while true {
            while let frame = ethernet.nextFrame() { show(frame) }
            try ethernet.waitForWork()
        }
    }

    private static func show(_ frame: borrowing ReceivedFrame) {
        let bytes = frame.bytes
        unsafe count &+= 1
        var line = Line()
        unsafe line.putDecimal(count, width: 6)
        line.put(" ")
        line.putDecimal(SystemTime.now.nanoseconds / 1000, width: 10)
        line.put(" us ")
        address(bytes, at: 6, &line)
        line.put(" > ")
        address(bytes, at: 0, &line)
        line.put(" type ")
        line.putHexadecimal(UInt64(byte(bytes, 12)) << 8 | UInt64(byte(bytes, 13)), digits: 4)
        line.put(" length ")
        line.putDecimal(UInt64(bytes.byteCount))
        line.put("\n")
    }

    private static func address(_ bytes: RawSpan, at offset: Int, _ line: inout Line) {
        for index in offset..<offset + 6 {
            if index > offset { line.put(":") }
            line.putDigits(byte(bytes, index))
        }
    }

    private static func byte(_ bytes: RawSpan, _ offset: Int) -> UInt8 {
        offset < bytes.byteCount ? unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self) : 0
    }
}

/// A line on its way to the console.
private struct Line: TextSink {
    func put(_ byte: UInt8) { StandardOutput.put(byte) }

    /// Two hexadecimal digits without a prefix.
    func putDigits(_ value: UInt8) {
        for digit in [value >> 4, value & 15] { put(digit < 10 ? 0x30 + digit : 0x57 + digit) }
    }
}
