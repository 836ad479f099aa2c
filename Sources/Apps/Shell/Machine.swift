import Interfaces
import Mailbox
import RaspberryPi4
import Runtime

/// What the board is, in words.
enum Machine {
    /// "Raspberry Pi 4 Model B 1.5, 4 GiB", and that it is QEMU where it is.
    static var model: Text {
        let revision = try? Board.askFirmware { firmware throws(DeviceError) in try firmware.boardRevision() }
        let suffix: StaticString = Board.isEmulated ? ", emulated by QEMU" : ""
        guard let revision else { return "unknown: the firmware does not say\(suffix)" }
        return "\(name(revision)) 1.\(revision.minor)\(suffix)"
    }

    private static func name(_ revision: BoardRevision) -> Text {
        switch revision.model {
        case .pi4B: "Raspberry Pi 4 Model B"
        case .pi400: "Raspberry Pi 400"
        case .computeModule4: "Compute Module 4"
        case nil: "a board with revision code \(hexadecimal: UInt64(revision.rawValue))"
        }
    }
}
