import RaspberryPi4
import Runtime

/// Registers about which sources disagree or say nothing: what they hold on a board decides. All are read without effect, and a bus that aborts is
/// an answer too.
extension SelfTestRun {
    func checkRegisters() throws(TaskError) {
        try show("registers: chip", 0xfc40_4000, "0")
        // What the watchdog does, the reset's cause, the time left, the partition booted from; then the pads.
        try show("registers: power management", 0xfe10_0000, "1c 20 24 74 2c 30 34")
        // The functions of all pins, what gates Ethernet and chooses the card's controller, the pulls.
        try show("registers: gpio", 0xfe20_0000, "0 4 8 c 10 14 d0 d4 e4 e8 ec f0")
        try show("registers: uart", 0xfe20_1000, "18 24 28 2c 30 34")
        // State, what was set, capabilities, and what start4 writes and nobody explains.
        try show("registers: emmc2", 0xfe34_0000, "24 28 2c 3c 40 44 48 fc 100 154")
        try show("registers: usb", 0xfe98_0000, "c 40 44 48 4c 50 440")
        try show("registers: usb power", 0xfe80_8000, "0 8 20")
        try show("registers: genet", 0xfd58_0000, "0 80 8c 300 3b4 808 80c 844")
        try show("registers: gic", 0xff84_1000, "0 4 8 80 10fc")
    }

    /// Shows the registers of the block at `base` whose offsets, in hexadecimal, are in `offsets`. (Text, since a function may hold only one
    /// literal of an array.)
    private func show(_ name: StaticString, _ base: UInt, _ offsets: StaticString) throws(TaskError) {
        try report.check(name) { () throws(Report.Failure) in
            var text: Text = "at \(hexadecimal: UInt64(base), digits: 8)"
            var isThere = false
            var offset = 0
            for index in 0...offsets.utf8CodeUnitCount {
                let byte = unsafe index < offsets.utf8CodeUnitCount ? offsets.utf8Start[index] : 0x20
                if byte != 0x20 {
                    offset = offset << 4 | Int(byte < 0x3a ? byte - 0x30 : byte - 0x57)
                    continue
                }
                let value = MMIO(base).probe(offset)
                isThere = isThere || value != nil
                text.append(", +\(hexadecimal: UInt64(offset)) ")
                if let value { text.append("\(hexadecimal: UInt64(value), digits: 8)") } else { text.append("aborts") }
                offset = 0
            }
            guard isThere else { throw .absent(text) }
            return text
        }
    }
}
