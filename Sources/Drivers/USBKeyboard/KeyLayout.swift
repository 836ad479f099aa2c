/// The characters of an American keyboard, by the numbers that keys have. HID Usage Tables, 10.
enum KeyLayout {
    static var capsLock: UInt8 { 0x39 }

    /// Keys 0x1E to 0x38 without and with shift: digits, enter, escape, backspace, tab, space, punctuation. What a serial terminal sends.
    private static let plain: StaticString = "1234567890\r\u{1B}\u{7F}\t -=[]\\\\;'`,./"
    private static let shifted: StaticString = "!@#$%^&*()\r\u{1B}\u{7F}\t _+{}||:\"~<>?"
    /// Keys 0x54 to 0x63 of the pad.
    private static let pad: StaticString = "/*-+\r1234567890."

    /// What `key` sends, as a serial terminal would; empty for keys that send nothing.
    static func characters(_ key: UInt8, isShifted: Bool, isControl: Bool, isCapital: Bool) -> [UInt8] {
        switch key {
        case 0x04...0x1D:
            let letter = key - 0x04 + 0x61
            if isControl { return [letter & 0x1F] }
            return [isShifted != isCapital ? letter - 0x20 : letter]
        case 0x1E...0x38: return [byte(Int(key) - 0x1E, of: isShifted ? shifted : plain)]
        case 0x54...0x63: return [byte(Int(key) - 0x54, of: pad)]
        case 0x4A: return escape("[H")
        case 0x4C: return escape("[3~")
        case 0x4D: return escape("[F")
        case 0x4F: return escape("[C")
        case 0x50: return escape("[D")
        case 0x51: return escape("[B")
        case 0x52: return escape("[A")
        default: return []
        }
    }

    private static func byte(_ index: Int, of text: StaticString) -> UInt8 {
        precondition(index < text.utf8CodeUnitCount, "KeyLayout: a table is too short")
        return unsafe text.utf8Start[index]
    }

    private static func escape(_ rest: StaticString) -> [UInt8] {
        var bytes: [UInt8] = [0x1B]
        for index in 0..<rest.utf8CodeUnitCount { bytes.append(byte(index, of: rest)) }
        return bytes
    }
}
