import Interfaces

/// Why a command or a transfer did not succeed.
enum CardFailure: Error {
    /// The controller or the card did not do something in its time; names the register and the bit.
    case timeout(StaticString)
    /// The card did not respond to the command.
    case silence
    /// Command, response or data arrived with a wrong checksum.
    case checksum
    /// The card reports errors in its status.
    case status(CardStatus)
    /// The card answered with something that cannot be true.
    case invalid
    /// The signals could not be switched to 1.8 V, or not be used there.
    case voltage
    /// The controller could not follow its list of descriptors.
    case dma
    /// No card, or another one.
    case absent

    /// Whether another attempt may go better.
    var isWorthRetry: Bool {
        switch self {
        case .timeout, .silence, .checksum, .voltage, .dma: true
        case .status(let status): status.isCorrupted
        case .invalid, .absent: false
        }
    }

    /// Whether something was waited for as long as it may take.
    var isTimeout: Bool { if case .timeout = self { true } else { false } }

    /// Whether a slower clock may help.
    var isOfSignals: Bool {
        switch self {
        case .timeout, .silence, .checksum, .voltage: true
        case .status, .invalid, .absent, .dma: false
        }
    }

    /// Whether the card did not take the command: no answer, or one that says so.
    var isRefusal: Bool {
        switch self {
        case .silence, .status: true
        default: false
        }
    }

    /// What the caller of the block device is told.
    var cause: BlockError.Cause {
        switch self {
        case .timeout(let name): .timeout(name)
        case .silence: .timeout("SDHCI INTERRUPT: no response from the card")
        case .checksum: .corrupted
        case .status(let status) where status.isWriteProtected: .readOnly
        case .status(let status) where status.isOutOfRange: .outOfRange
        case .status(let status) where status.isCorrupted: .corrupted
        case .status(let status): .refused(status: status.rawValue)
        case .invalid, .voltage: .corrupted
        case .dma: .timeout("SDHCI INTERRUPT: ADMA error")
        case .absent: .absent
        }
    }
}
