import Interfaces

/// What differs between controllers.
public struct DWC2Configuration: Sendable {
    /// Transfers up to this many bytes are handed to the hardware packet by packet; 0 for none.
    public var packetwiseLimit: Int
    /// Bulk endpoints that have nothing to give are asked again by the driver, rather than by the hardware: after the shortest of these
    /// times while there is traffic, after ever longer ones up to the other when there is none. Nil where the hardware waits.
    public var askingPeriods: ClosedRange<Interval>?
    /// The core loses a transaction once in a while.
    public var losesTransactions: Bool

    /// What the board wants.
    public static var board: DWC2Configuration { DWC2Configuration(packetwiseLimit: 0, losesTransactions: true) }

    /// What QEMU wants (seen in 10.0). It takes 250 microseconds for each packet but the first of a transfer of up to 1536 bytes, and none for a
    /// transfer of one packet. It asks an endpoint that has nothing as often, and dies when the device is unplugged meanwhile:
    /// only an interrupt endpoint is asked once. It loses nothing, and does not like to be stopped while a disk of the host's is slow.
    public static var emulator: DWC2Configuration {
        DWC2Configuration(
            packetwiseLimit: 1536, askingPeriods: .microseconds(250) ... .milliseconds(10), losesTransactions: false)
    }

    init(packetwiseLimit: Int, askingPeriods: ClosedRange<Interval>? = nil, losesTransactions: Bool) {
        self.packetwiseLimit = packetwiseLimit
        self.askingPeriods = askingPeriods
        self.losesTransactions = losesTransactions
    }
}
