/// A compare channel of the system timer. Channels 0 and 2 are the VideoCore's.
public enum SystemTimerChannel: UInt32, Sendable {
    /// C1.
    case one = 1
    /// C3.
    case three = 3

    /// The channel's bit in the status.
    var bit: UInt32 { 1 << rawValue }
}
