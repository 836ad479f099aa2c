import Interfaces

/// Why a command to a disk failed.
enum StorageFailure: Error {
    /// The way to the disk failed.
    case bus(USBError)
    /// The disk says so: sense key, additional code and its qualifier. SPC-4, 4.5.
    case sense(UInt8, UInt8, UInt8)
    /// The disk's status makes no sense.
    case confused

    var cause: BlockError.Cause {
        switch self {
        case .bus(.disconnected), .bus(.absent): .absent
        case .bus(.timeout(let name)): .timeout(name)
        case .bus, .confused: .corrupted
        // Not ready: no medium.
        case .sense(2, 0x3A, _): .absent
        case .sense(3, _, _), .sense(4, _, _): .corrupted
        case .sense(7, _, _): .readOnly
        case .sense(_, 0x21, _): .outOfRange
        case .sense(let key, let code, let qualifier):
            .refused(status: UInt32(key) << 16 | UInt32(code) << 8 | UInt32(qualifier))
        }
    }
}
