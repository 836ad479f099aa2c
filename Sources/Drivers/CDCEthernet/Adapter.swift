import Interfaces
import USB

/// The adapter that is plugged in.
final class Adapter {
    /// Endpoints that stopped with an error, and wait for the bus' task to clear them.
    struct Halted: OptionSet {
        var rawValue: UInt8
        static var input: Halted { Halted(rawValue: 1) }
        static var output: Halted { Halted(rawValue: 2) }
    }

    let device: USBDevice
    let controller: any USBHostController
    let function: AdapterFunction
    let input: USBPipe
    let output: USBPipe
    var halted: Halted = []
    /// The frame that is arriving is too long, and the rest of it is to be thrown away.
    var isSkipping = false
    /// Halts in a row; a good round forgets them.
    var failures = 0
    /// The adapter's own address is not the interface's: its filter has to be opened.
    var isForeign = false
    var needsFilter = true
    var notification: USBPolledEndpoint?
    var nextPoll = Instant(nanoseconds: 0)
    /// How long nobody asks for notifications after one that was asked for.
    var pollPeriod = Interval.milliseconds(32)
    /// When to look next whether the pipes still work.
    var nextWatch = Instant(nanoseconds: 0)
    /// When a frame last left, or none was to, and how many had then.
    var lastSent = Instant(nanoseconds: 0)
    var sent = 0
    /// RNDIS: the number of the next request.
    var requestNumber: UInt32 = 1

    init(_ device: USBDevice, _ function: AdapterFunction, input: USBPipe, output: USBPipe) {
        self.device = device
        controller = device.controller
        self.function = function
        self.input = input
        self.output = output
        notification = function.notification.map { USBPolledEndpoint($0) }
    }
}
