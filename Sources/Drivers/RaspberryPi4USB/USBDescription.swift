import Interfaces
import Runtime
import USB

/// Devices and errors of USB in words.
public enum USBDescription {
    /// The ports that lead to a device, with points between them.
    public static func path(_ path: [UInt8]) -> Text {
        var text: Text = ""
        for (index, port) in path.enumerated() { text.append(index == 0 ? "\(port)" : ".\(port)") }
        return text
    }

    /// A device on one line: its ports, its numbers, its speed, who uses it.
    public static func line(_ device: USBDevice) -> Text {
        let speed: StaticString =
            switch device.target.speed {
            case .high: "480 Mb/s"
            case .full: "12 Mb/s"
            case .low: "1.5 Mb/s"
            }
        let descriptor = device.descriptor
        var text: Text =
            "port \(path(device.path)): \(hexadecimal: UInt64(descriptor.vendor), digits: 4):\(hexadecimal: UInt64(descriptor.product), digits: 4), \(speed)"
        for driver in device.drivers { text.append(", \(driver.name)") }
        return text
    }

    /// Why a device could not be spoken to.
    public static func text(_ error: USBError) -> Text {
        switch error {
        case .absent: "there is no USB here"
        case .disconnected: "it is gone"
        case .stalled: "it refused a request"
        case .babble: "it sent more than it was asked for"
        case .noAnswer: "no answer, or a damaged one, three times"
        case .timeout(let what): "no answer in time: \(what)"
        case .memory: "the controller cannot reach its memory"
        case .full: "no channel or address is left for it"
        case .invalid(let what): "it describes itself in a way that cannot be true: \(what)"
        case .unsupported(let what): "not supported: \(what)"
        }
    }
}
