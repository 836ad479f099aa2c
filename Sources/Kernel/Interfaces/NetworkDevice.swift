/// A network interface that moves Ethernet frames: a MAC with its PHY, a paravirtual card, a loop.
///
/// **Who calls.** One task at a time, the one that runs the network. Only `takeInterrupts` is called from an interrupt
/// handler, at any moment, on any core. Frames may end anywhere. Calls wait only where it is said.
///
/// **The loop.** The interrupt handler calls `takeInterrupts`, which silences what it reports, and wakes the task. The task calls
/// `receive` until it returns nil, then `arm`. When `arm` says that there is work already it goes round again, else it
/// sleeps until the next interrupt, the instant that `maintain` returned, or `deadline`, whichever comes first.
///
/// **What is not promised.** The filter of addresses is a help: frames for others may arrive. Frames may be lost at any point,
/// never reordered. A transmitted frame is not confirmed.
public protocol NetworkDevice: AnyObject {
    /// The interface's own address. Constant from start to stop.
    var hardwareAddress: HardwareAddress { get }

    /// The most bytes of payload in a frame: 1500 for Ethernet. A frame may be 14 bytes longer, 18 with a VLAN tag.
    var maximumTransmissionUnit: Int { get }

    /// The link as `maintain` last found it. Costs nothing.
    var link: LinkState { get }

    /// What the device does beyond moving bytes. Constant from start to stop.
    var capabilities: NetworkCapabilities { get }

    /// Counters since the device was made. What hardware counts is as old as the last `maintain`.
    var statistics: NetworkStatistics { get }

    /// Sends a frame of `length` bytes (14 at least), from the destination address to the end of the payload. Padding and the
    /// checksum at the end are the device's.
    ///
    /// The device owns the buffer. `fill` gets it for the duration of the call and writes all `length` bytes; what they were before is
    /// undefined. It does not call the device. When `transmit` has returned, the frame is with the hardware.
    /// - Parameter checksum: a checksum that the device is to compute while sending, or nil.
    /// - Throws: before `fill` is called, and then nothing is sent: `.full` when there is no room (arm `.transmit` and wait),
    ///   `.linkDown`, `.length`, `.unsupported` for a checksum that `capabilities` does not name, `.stopped`.
    func transmit(
        _ length: Int, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
    ) throws(NetworkError)

    /// How many frames `transmit` has buffers for now, at least. May ask the hardware, when there was none the last time.
    var transmitRoom: Int { get }

    /// Hands up the oldest frame that has arrived, with the ownership of its buffer. Bad frames are counted and skipped.
    ///
    /// The device may ask its hardware once for a batch of frames, and may take the buffers of a batch together: at 32 frames, at nil,
    /// in `arm` and in `maintain` at the latest.
    /// - Returns: nil when no frame is left, or after so many bad ones that others should get their turn. `arm` knows which.
    func receive() -> ReceivedFrame?

    /// Why the device interrupts; empty when it does not. Acknowledges and silences what it returns until `arm`. Touches no state
    /// but the hardware's.
    func takeInterrupts() -> NetworkInterrupts

    /// Lets the device interrupt for `causes` from now on, unless there is something to do already.
    /// - Returns: whether the interrupts are armed. False: frames wait, or there is room to transmit; nothing was armed.
    func arm(_ causes: NetworkInterrupts) -> Bool

    /// Looks after the link, the counters, and hardware that got stuck. Call it when the instant it returned has come, and not
    /// much later; earlier does no harm. May wait on the clock, some 20 ms when the device is restarted.
    /// - Returns: when to call it again.
    func maintain() -> Instant

    /// When frames come, or room, without an interrupt: from a device that holds them back. `.never` for those that do not. Costs nothing;
    /// changes with every call.
    var deadline: Instant { get }

    /// Receives frames for the group `address` as well. Joins are counted: as many leaves end it. Traps on an address that is no group.
    func join(_ address: HardwareAddress)

    /// Undoes one `join` of `address`. Traps when there was none.
    func leave(_ address: HardwareAddress)

    /// Whether frames for everybody are received.
    var isPromiscuous: Bool { get set }

    /// Ends all traffic. When it has returned the hardware writes to no memory: safe to start another image. Frames that were
    /// handed up stay valid.
    /// - Throws: `.timeout` when the hardware does not stop; it may then still write.
    func stop() throws(DeviceError)
}

extension NetworkDevice {
    /// Never: there is an interrupt for everything.
    public var deadline: Instant { .never }

    /// Sends a frame as it is: `transmit` without a checksum to compute.
    @inlinable
    public func transmit(_ length: Int, _ fill: (inout MutableRawSpan) -> Void) throws(NetworkError) {
        try transmit(length, checksum: nil, fill)
    }
}

/// Why a frame was not sent.
@frozen
public enum NetworkError: Error, Equatable, Sendable {
    /// Every transmit buffer is with the hardware.
    case full
    /// No partner.
    case linkDown
    /// Shorter than a header or longer than the device takes.
    case length
    /// The device cannot compute that checksum.
    case unsupported
    /// The device is not started, or failed and is about to be restarted.
    case stopped
}

/// What a device does beyond moving bytes.
@frozen
public struct NetworkCapabilities: OptionSet, Sendable {
    /// One bit a member.
    public var rawValue: UInt8

    /// The set with the bits of `rawValue`.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Received frames may come with `.sum` or `.verified`.
    public static var receiveChecksum: NetworkCapabilities { NetworkCapabilities(rawValue: 1) }
    /// `transmit` takes a `TransmitChecksum`.
    public static var transmitChecksum: NetworkCapabilities { NetworkCapabilities(rawValue: 2) }
    /// The link has to be asked for: it is down until `maintain` has found it up.
    public static var linkDetection: NetworkCapabilities { NetworkCapabilities(rawValue: 4) }
}

/// A checksum that the device computes: the ones' complement sum from `start` to the frame's end, inverted and stored at `field`.
/// What is in `field` before is part of the sum: the pseudo header's sum.
@frozen
public struct TransmitChecksum: Equatable, Sendable {
    /// Where the sum begins, in bytes from the start of the frame; even, 14 at least.
    public var start: Int
    /// Where it is stored: two bytes at this offset from the start of the frame.
    public var field: Int
    /// Whether a result of zero is sent as 0xFFFF, as UDP wants it.
    public var isUDP: Bool

    /// A checksum over everything from `start`, stored at `field`.
    @inlinable
    public init(from start: Int, at field: Int, isUDP: Bool = false) {
        self.start = start
        self.field = field
        self.isUDP = isUDP
    }
}

/// Why a network device interrupts.
@frozen
public struct NetworkInterrupts: OptionSet, Sendable {
    /// One bit a member.
    public var rawValue: UInt8

    /// The set with the bits of `rawValue`.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Frames have arrived.
    public static var receive: NetworkInterrupts { NetworkInterrupts(rawValue: 1) }
    /// Transmit buffers are free again.
    public static var transmit: NetworkInterrupts { NetworkInterrupts(rawValue: 2) }
}

// A complete driver: a device whose cable ends where it begins. A frame is written into a buffer taken from the pool and
// stays there until its receiver lets go of it. (Tests/DriversTests/Loopback.swift is this text, compiled and tested.)
//
//     import Interfaces
//
//     final class Loopback: NetworkDevice {
//         static let bufferSize = 1518
//         let memory: UnsafeMutableRawBufferPointer
//         var pool: FramePool
//         var waiting: [(buffer: Int, length: Int)] = []
//         var statistics = NetworkStatistics()
//         var isPromiscuous = false
//         var groups: [HardwareAddress: Int] = [:]
//         let hardwareAddress = HardwareAddress([0x02, 0, 0, 0, 0, 1])
//         let maximumTransmissionUnit = 1500
//         let link = LinkState.up(LinkMode(.megabits1000, isFullDuplex: true))
//         let capabilities: NetworkCapabilities = []
//
//         init(buffers: Int) {
//             unsafe memory = .allocate(byteCount: buffers * Self.bufferSize, alignment: 64)
//             pool = FramePool(count: buffers)
//         }
//
//         deinit {
//             for (buffer, _) in waiting { pool.giveBack(buffer) }
//             unsafe memory.deallocate()
//         }
//
//         /// The bytes of `buffer`: its taker's alone.
//         private func bytes(_ buffer: Int) -> UnsafeMutableRawBufferPointer {
//             let start = buffer * Self.bufferSize
//             return unsafe UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + Self.bufferSize])
//         }
//
//         func transmit(
//             _ length: Int, checksum: TransmitChecksum?, _ fill: (inout MutableRawSpan) -> Void
//         ) throws(NetworkError) {
//             if checksum != nil { throw .unsupported }
//             guard (14...Self.bufferSize).contains(length) else { throw .length }
//             guard let buffer = pool.take() else { throw .full }
//             var span = unsafe MutableRawSpan(_unsafeStart: bytes(buffer).baseAddress!, byteCount: length)
//             fill(&span)
//             waiting.append((buffer, length))
//             statistics.transmittedFrames += 1
//             statistics.transmittedBytes += UInt64(length)
//         }
//
//         var transmitRoom: Int { pool.freeCount }
//
//         func receive() -> ReceivedFrame? {
//             if waiting.isEmpty { return nil }
//             let (buffer, length) = waiting.removeFirst()
//             statistics.receivedFrames += 1
//             statistics.receivedBytes += UInt64(length)
//             return unsafe pool.frame(buffer, of: .init(bytes(buffer)), 0..<length, checksum: .unknown)
//         }
//
//         func takeInterrupts() -> NetworkInterrupts { [] }
//         func arm(_ causes: NetworkInterrupts) -> Bool { waiting.isEmpty }
//         func maintain() -> Instant { .never }
//         func join(_ address: HardwareAddress) { groups[address, default: 0] += 1 }
//         func leave(_ address: HardwareAddress) { groups[address]! -= 1 }
//         func stop() throws(DeviceError) {}
//     }
