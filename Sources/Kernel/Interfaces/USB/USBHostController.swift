/// A controller at whose root port a tree of USB devices hangs: moves what the bus driver and the drivers of classes want moved.
///
/// **Who calls.** Tasks of one core. Calls that wait say so; another task may call meanwhile. Nothing here is called from an interrupt handler.
///
/// **Memory.** What `control` and `poll` move is copied through the controller's own memory. What a pipe moves lies in memory that the caller
/// shares with devices: the caller cleans it before `submit`, invalidates it after the completion, and leaves it alone in between.
///
/// **Pipes.** A pipe is a bulk endpoint's queue: transfers follow each other without anybody's help as far as the hardware can, and end in
/// their order. Each pipe has hardware of its own, so that there are few.
public protocol USBHostController: AnyObject {
    /// The present.
    var now: Instant { get }

    /// Returns when `interval` has passed; other tasks run.
    func wait(for interval: Interval)

    /// The port that the controller itself has. Reading it takes note of the changes it tells of: each is told once.
    var rootPort: USBPortState { get }

    /// Resets what is connected to the root port, and enables the port. Waits some 100 ms.
    /// - Returns: the speed of what is there.
    /// - Throws: `.disconnected`, `.timeout`.
    func resetRootPort() throws(USBError) -> USBSpeed

    /// Cuts off what is connected to the root port until the next reset.
    func disableRootPort()

    /// Sends a request without data, or with `data` for the device. Waits for the device's answer, 5 s at most.
    /// - Throws: `.stalled` when the device refuses; `.noAnswer`, `.disconnected`, `.timeout`.
    func control(_ setup: USBSetup, of target: USBTarget, writing data: RawSpan) throws(USBError)

    /// Sends a request whose answer, up to the length of `buffer` and of the request, goes to the beginning of `buffer`. Waits as the other.
    /// - Returns: how many bytes the device gave.
    func control(_ setup: USBSetup, of target: USBTarget, reading buffer: inout MutableRawSpan) throws(USBError) -> Int

    /// Asks an interrupt endpoint once; waits some milliseconds at most.
    /// - Returns: how many bytes it gave; nil when it had nothing to say.
    func poll(
        _ endpoint: inout USBPolledEndpoint, of target: USBTarget, into buffer: inout MutableRawSpan
    ) throws(USBError) -> Int?

    /// The next buffer of a hub that a transaction was left in when a transfer ended early; nil when there is none. Whoever looks after
    /// hubs has it cleared.
    func nextAbandonedBuffer() -> USBTranslatorBuffer?

    /// Opens a pipe to or from a bulk endpoint. `event` is called from the interrupt handler when the pipe, after `arm`, has something to tell.
    /// - Throws: `.full` when the controller has no hardware left.
    func openPipe(
        _ endpoint: USBEndpoint, of target: USBTarget, event: @escaping () -> Void
    ) throws(USBError) -> USBPipe

    /// Ends every transfer of the pipe without a completion. When it has returned the hardware uses none of their memory. Waits some
    /// milliseconds at most. From its beginning on the pipe is closed for everybody: it has no room, and nothing to tell.
    func closePipe(_ pipe: USBPipe)

    /// Takes every transfer of the pipe back without a completion, those that have ended and were not told of as well. When it has returned the
    /// hardware uses none of their memory, and the queue, empty, stands still until `clear`. Waits as `closePipe`.
    func cancel(_ pipe: USBPipe)

    /// Starts the transfer under way anew when the hardware has shown no sign for seconds that it works on it, not even that the device
    /// refuses: a transaction was lost. For whoever waits, every second or so. Waits as `closePipe`.
    func revive(_ pipe: USBPipe)

    /// Queues a transfer of `count` bytes to or from the device memory at physical address `address`, a multiple of four. From the device:
    /// `count` is a multiple of the endpoint's packet size, and the transfer ends earlier with a packet that is shorter.
    /// - Parameter tag: comes back with the completion.
    /// - Throws: `.full` when `transferRoom` is zero; `.memory` when the controller does not reach the address.
    func submit(_ pipe: USBPipe, at address: UInt64, count: Int, tag: UInt16) throws(USBError)

    /// How many transfers `submit` takes now.
    func transferRoom(of pipe: USBPipe) -> Int

    /// The oldest transfer that has ended and was not told of; nil when there is none. Keeps the queue moving. After a completion with an
    /// error the queue stands still until `clear`.
    func nextCompletion(of pipe: USBPipe) -> USBCompletion?

    /// Lets the pipe interrupt when a transfer ends.
    /// - Returns: false when one has ended already; nothing was armed.
    func arm(_ pipe: USBPipe) -> Bool

    /// When to look at the pipe without having been told, because its controller asks the endpoint again only then; `.never` when it interrupts.
    func nextLook(at pipe: USBPipe) -> Instant

    /// Lets a pipe go on whose transfer failed, or whose transfers were cancelled, its endpoint having been cleared: packets count from DATA0 again.
    func clear(_ pipe: USBPipe)
}

/// A port of a hub, or the controller's own.
@frozen
public struct USBPortState: Equatable, Sendable {
    /// Something is connected.
    public var isConnected = false
    /// What is connected may talk.
    public var isEnabled = false
    /// It draws too much current, and was switched off.
    public var isOverCurrent = false
    /// What is connected is not what was when the port was last asked: it came, went, or both.
    public var hasChanged = false

    /// A port with nothing.
    public init() {}
}

/// A pipe of a controller, from `openPipe` to `closePipe`. Afterwards it leads nowhere, whatever its hardware is used for.
@frozen
public struct USBPipe: Equatable, Sendable {
    /// The number of its hardware.
    public let number: Int
    /// Which use of that hardware it is.
    public let serial: UInt32

    /// The pipe that its controller knows as the use `serial` of `number`.
    public init(number: Int, serial: UInt32 = 0) {
        self.number = number
        self.serial = serial
    }
}

/// How a transfer of a pipe ended.
@frozen
public struct USBCompletion: Equatable, Sendable {
    /// What was given to `submit`.
    public var tag: UInt16
    /// Bytes moved.
    public var count: Int
    /// Why not all were; nil when nothing went wrong.
    public var error: USBError?

    /// The end of the transfer `tag`.
    public init(tag: UInt16, count: Int, error: USBError? = nil) {
        self.tag = tag
        self.count = count
        self.error = error
    }
}
