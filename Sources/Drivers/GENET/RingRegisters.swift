// Hardware notes "GENET v5", sections 2.7, 2.8 and 3: the two DMA engines, their ring 16 and their descriptors. Ring 16 takes what no
// filter claims; it is the only one in use.
import Interfaces

/// The ring that is used, and its size.
enum Ring {
    static var number: UInt32 { 16 }
    /// Descriptors in each direction: all there are. Divides 65536, so that a 16-bit counter modulo this is a descriptor for ever.
    static var size: Int { 256 }
    /// Bytes in the status block that is before each frame in memory.
    static var statusBlockSize: Int { 64 }
    /// Words in a descriptor, the unit of the ring's pointers.
    static var descriptorWords: UInt32 { 3 }

    /// The descriptor that a free-running counter stands at.
    static func descriptor(_ counter: UInt16) -> Int { Int(counter) & (size - 1) }

    /// How far `to` is ahead of `from`, across the wrap of both.
    static func distance(from: UInt16, to: UInt16) -> Int { Int(to &- from) }
}

/// One of the two DMA engines.
struct DMAEngine {
    /// Where its descriptors begin.
    let base: Int

    static var receive: DMAEngine { DMAEngine(base: 0x2000) }
    static var transmit: DMAEngine { DMAEngine(base: 0x4000) }

    private var ring: Int { base + 0x0C00 + 0x40 * Int(Ring.number) }
    private var common: Int { base + 0x1040 }

    // MARK: - Descriptors

    /// Word 0 of a descriptor: LENGTH_STATUS.
    func status(_ descriptor: Int) -> Register<UInt32> { Register(base + 12 * descriptor) }
    /// Bits 31 to 0 of the buffer's address.
    func addressLow(_ descriptor: Int) -> Register<UInt32> { Register(base + 12 * descriptor + 4) }
    /// Bits 39 to 32.
    func addressHigh(_ descriptor: Int) -> Register<UInt32> { Register(base + 12 * descriptor + 8) }

    // MARK: - Ring 16

    /// The hardware's pointer: WRITE_PTR of the receiver, READ_PTR of the transmitter.
    var hardwarePointer: Register<UInt32> { Register(ring) }
    var hardwarePointerHigh: Register<UInt32> { Register(ring + 0x04) }
    /// The hardware's counter: PROD_INDEX of the receiver, with the number of discarded frames in its upper half (erratum E4), and
    /// CONS_INDEX of the transmitter.
    var hardwareIndex: Register<RingIndex> { Register(ring + 0x08) }
    /// The software's counter: CONS_INDEX of the receiver, PROD_INDEX of the transmitter.
    var softwareIndex: Register<RingIndex> { Register(ring + 0x0C) }
    /// Descriptors and bytes in a buffer.
    var bufferSize: Register<UInt32> { Register(ring + 0x10) }
    var start: Register<UInt32> { Register(ring + 0x14) }
    var startHigh: Register<UInt32> { Register(ring + 0x18) }
    var end: Register<UInt32> { Register(ring + 0x1C) }
    var endHigh: Register<UInt32> { Register(ring + 0x20) }
    /// Frames for an interrupt.
    var doneThreshold: Register<UInt32> { Register(ring + 0x24) }
    /// XON_XOFF_THRESH of the receiver, FLOW_PERIOD of the transmitter.
    var flow: Register<UInt32> { Register(ring + 0x28) }
    /// The software's pointer: READ_PTR of the receiver, WRITE_PTR of the transmitter.
    var softwarePointer: Register<UInt32> { Register(ring + 0x2C) }
    var softwarePointerHigh: Register<UInt32> { Register(ring + 0x30) }

    // MARK: - The engine

    /// RING_CFG: bit q for ring q.
    var rings: Register<UInt32> { Register(common) }
    var control: Register<DMAControl> { Register(common + 0x04) }
    var state: Register<DMAState> { Register(common + 0x08) }
    var burstSize: Register<UInt32> { Register(common + 0x0C) }
    /// RING16_TIMEOUT of the receiver, in units of 8.192 us.
    var timeout: Register<UInt32> { Register(common + 0x2C + 4 * Int(Ring.number)) }
    /// INDEX2RING of the receiver: where frames go that a filter claims; eight registers.
    func filterRings(_ index: Int) -> Register<UInt32> { Register(common + 0x70 + 4 * index) }
}

/// A ring's index register.
struct RingIndex: RegisterFields {
    var rawValue: UInt32
    init(rawValue: UInt32) { self.rawValue = rawValue }
    /// The counter `counter`.
    init(_ counter: UInt16) { rawValue = UInt32(counter) }
    /// The free-running counter. Never compared as 32 bits (erratum E4).
    var counter: UInt16 { UInt16(truncatingIfNeeded: rawValue) }
    /// Frames discarded because the ring was full; modulo 65536.
    var discards: UInt16 { UInt16(rawValue >> 16) }
}

/// DMA_CTRL.
struct DMAControl: OptionSet, RegisterFields {
    var rawValue: UInt32
    static var enable: DMAControl { DMAControl(rawValue: 1) }
    static var ring: DMAControl { DMAControl(rawValue: 1 << (Ring.number + 1)) }
}

/// DMA_STATUS. Other bits tell of single rings and of the descriptors' memory: it is never compared as a whole.
struct DMAState: OptionSet, RegisterFields {
    var rawValue: UInt32
    static var isStopped: DMAState { DMAState(rawValue: 1) }
}

/// LENGTH_STATUS of a received frame, as in the first word of its status block.
struct ReceiveStatus: OptionSet, RegisterFields {
    var rawValue: UInt32
    static var overflow: ReceiveStatus { ReceiveStatus(rawValue: 1 << 0) }
    static var checksumError: ReceiveStatus { ReceiveStatus(rawValue: 1 << 1) }
    static var symbolError: ReceiveStatus { ReceiveStatus(rawValue: 1 << 2) }
    static var alignmentError: ReceiveStatus { ReceiveStatus(rawValue: 1 << 3) }
    static var tooLong: ReceiveStatus { ReceiveStatus(rawValue: 1 << 4) }
    /// Start and end of the frame: both, or it is a piece of one that did not fit.
    static var whole: ReceiveStatus { ReceiveStatus(rawValue: 3 << 13) }
    /// Bytes, with the status block and the two bytes of alignment. What the device says: not to be trusted.
    var length: Int { Int(self[16...27]) }
}

/// LENGTH_STATUS of a frame to be sent.
enum TransmitStatus {
    /// What a descriptor holds that was never used, as in 9front (erratum E15).
    static var idle: UInt32 { 0x0200 }

    /// A frame in one buffer of `length` bytes, with the status block. Queue tag of all ones, as in every driver; the MAC appends the
    /// checksum.
    @inline(__always)
    static func frame(length: Int, computesChecksum: Bool) -> UInt32 {
        UInt32(length) << 16 | wholeFrame | (computesChecksum ? doChecksum : 0)
    }

    private static var doChecksum: UInt32 { 1 << 4 }
    private static var wholeFrame: UInt32 { 3 << 13 | 0x3F << 7 | 1 << 6 }
}
