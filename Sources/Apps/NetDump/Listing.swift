import Interfaces
import Runtime

/// A line for each frame: number, time, addresses, type, length.
struct Listing {
    private var number: UInt64 = 0

    mutating func show(_ frame: borrowing ReceivedFrame) {
        let bytes = frame.bytes
        number &+= 1
        var line = Line()
        line.putDecimal(number, width: 6)
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

    private func address(_ bytes: RawSpan, at offset: Int, _ line: inout Line) {
        for index in offset..<offset + 6 {
            if index > offset { line.put(":") }
            line.putDigits(byte(bytes, index))
        }
    }

    private func byte(_ bytes: RawSpan, _ offset: Int) -> UInt8 {
        unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
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
