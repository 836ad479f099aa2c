/// Why a device on the bus could not be spoken to.
public enum USBError: Error, Equatable, Sendable {
    /// No controller on this board or in this emulator.
    case absent
    /// The device is gone.
    case disconnected
    /// The device refused the request, or its endpoint is halted until that is cleared.
    case stalled
    /// The device sent more than it was asked for.
    case babble
    /// Several packets in a row were not answered, or came damaged.
    case noAnswer
    /// The hardware did not do something in its time; names what was waited for.
    case timeout(StaticString)
    /// The controller cannot reach the memory, or failed to.
    case memory
    /// No hardware, no address or no room is left for it.
    case full
    /// The device described itself in a way that cannot be true; names the descriptor or its field.
    case invalid(StaticString)
    /// The device is all right and nothing here can use it; names what is missing.
    case unsupported(StaticString)

    /// Whether both are of the same kind; the names in them do not count.
    public static func == (left: USBError, right: USBError) -> Bool {
        switch (left, right) {
        case (.absent, .absent), (.disconnected, .disconnected), (.stalled, .stalled), (.babble, .babble),
            (.noAnswer, .noAnswer), (.timeout, .timeout), (.memory, .memory), (.full, .full), (.invalid, .invalid),
            (.unsupported, .unsupported):
            true
        default: false
        }
    }
}
