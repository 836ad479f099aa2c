// Hardware notes "DWC2 USB host controller", section 2. Offsets from the start of the device.
import Interfaces

/// The controller's registers.
enum DWC2Register {
    /// GAHBCFG.
    static var busConfiguration: Register<BusConfiguration> { Register(0x008) }
    /// GUSBCFG.
    static var usbConfiguration: Register<USBConfiguration> { Register(0x00C) }
    /// GRSTCTL.
    static var reset: Register<ResetControl> { Register(0x010) }
    /// GINTSTS.
    static var status: Register<CoreInterrupts> { Register(0x014) }
    /// GINTMSK.
    static var mask: Register<CoreInterrupts> { Register(0x018) }
    /// GRXFSIZ, in words.
    static var receiveFIFO: Register<UInt32> { Register(0x024) }
    /// GNPTXFSIZ: depth in words in the upper half, start in the lower.
    static var transmitFIFO: Register<UInt32> { Register(0x028) }
    /// GSNPSID.
    static var identity: Register<UInt32> { Register(0x040) }
    /// GHWCFG2.
    static var hardware2: Register<HardwareConfiguration2> { Register(0x048) }
    /// HPTXFSIZ: as GNPTXFSIZ.
    static var periodicFIFO: Register<UInt32> { Register(0x100) }
    /// HCFG.
    static var hostConfiguration: Register<HostConfiguration> { Register(0x400) }
    /// HFIR: clocks of the PHY in a (micro)frame.
    static var frameInterval: Register<UInt32> { Register(0x404) }
    /// HFNUM.
    static var frameNumber: Register<UInt32> { Register(0x408) }
    /// HAINT: a bit a channel.
    static var channelInterrupts: Register<UInt32> { Register(0x414) }
    /// HAINTMSK.
    static var channelMask: Register<UInt32> { Register(0x418) }
    /// HPRT0.
    static var port: Register<HostPort> { Register(0x440) }
    /// PCGCTL.
    static var powerAndClocks: Register<UInt32> { Register(0xE00) }

    /// HCCHAR of `channel`.
    static func characteristics(_ channel: Int) -> Register<ChannelCharacteristics> { Register(0x500 + 0x20 * channel) }
    /// HCSPLT.
    static func split(_ channel: Int) -> Register<ChannelSplit> { Register(0x504 + 0x20 * channel) }
    /// HCINT.
    static func interrupts(_ channel: Int) -> Register<ChannelInterrupts> { Register(0x508 + 0x20 * channel) }
    /// HCINTMSK.
    static func interruptMask(_ channel: Int) -> Register<ChannelInterrupts> { Register(0x50C + 0x20 * channel) }
    /// HCTSIZ.
    static func size(_ channel: Int) -> Register<ChannelSize> { Register(0x510 + 0x20 * channel) }
    /// HCDMA.
    static func memory(_ channel: Int) -> Register<UInt32> { Register(0x514 + 0x20 * channel) }
}

/// GAHBCFG.
struct BusConfiguration: OptionSet, RegisterFields {
    var rawValue: UInt32
    /// Interrupts reach the processor.
    static var interrupts: BusConfiguration { BusConfiguration(rawValue: 1) }
    /// The BCM's variant of the core: a transfer ends when its last write has reached memory.
    static var waitsForWrites: BusConfiguration { BusConfiguration(rawValue: 1 << 4) }
    /// The core moves data by itself.
    static var dma: BusConfiguration { BusConfiguration(rawValue: 1 << 5) }
}

/// GUSBCFG.
struct USBConfiguration: OptionSet, RegisterFields {
    var rawValue: UInt32
    /// PHYIf: 16 bits wide.
    static var wide: USBConfiguration { USBConfiguration(rawValue: 1 << 3) }
    /// ULPI rather than UTMI+.
    static var ulpi: USBConfiguration { USBConfiguration(rawValue: 1 << 4) }
    /// SRP and HNP: the roles of the two ends may change.
    static var roleProtocols: USBConfiguration { USBConfiguration(rawValue: 3 << 8) }
    /// Host, whatever the connector says.
    static var forceHost: USBConfiguration { USBConfiguration(rawValue: 1 << 29) }
    /// Device, whatever the connector says.
    static var forceDevice: USBConfiguration { USBConfiguration(rawValue: 1 << 30) }
}

/// GRSTCTL.
struct ResetControl: OptionSet, RegisterFields {
    var rawValue: UInt32
    /// Resets the core; clears itself.
    static var core: ResetControl { ResetControl(rawValue: 1) }
    /// Empties the receive FIFO; clears itself.
    static var receiveFIFO: ResetControl { ResetControl(rawValue: 1 << 4) }
    /// Empties the transmit FIFO that bits 10 to 6 name; clears itself.
    static var transmitFIFO: ResetControl { ResetControl(rawValue: 1 << 5) }
    /// Every transmit FIFO.
    static var everyFIFO: ResetControl { ResetControl(rawValue: 0x10 << 6) }
    /// The core does not use its bus.
    static var idle: ResetControl { ResetControl(rawValue: 1 << 31) }
}

/// GINTSTS and GINTMSK.
struct CoreInterrupts: OptionSet, RegisterFields {
    var rawValue: UInt32
    /// The core is a host now.
    static var isHost: CoreInterrupts { CoreInterrupts(rawValue: 1) }
    /// A (micro)frame has begun; cleared by writing one.
    static var frame: CoreInterrupts { CoreInterrupts(rawValue: 1 << 3) }
    /// HPRT0 has something to tell.
    static var port: CoreInterrupts { CoreInterrupts(rawValue: 1 << 24) }
    /// A channel has something to tell.
    static var channels: CoreInterrupts { CoreInterrupts(rawValue: 1 << 25) }
    /// What was connected is gone; cleared by writing one.
    static var disconnected: CoreInterrupts { CoreInterrupts(rawValue: 1 << 29) }
}

/// GHWCFG2.
struct HardwareConfiguration2: RegisterFields {
    var rawValue: UInt32
    /// 2: the core moves data by itself.
    var architecture: UInt32 { self[3...4] }
    /// Channels.
    var channels: Int { Int(self[14...17]) + 1 }
}

/// HCFG.
struct HostConfiguration: RegisterFields {
    var rawValue: UInt32
    /// A PHY of 30 or 60 MHz, every speed.
    static var utmi: HostConfiguration { HostConfiguration(rawValue: 0) }
}

/// HPRT0.
struct HostPort: OptionSet, RegisterFields {
    var rawValue: UInt32
    static var connected: HostPort { HostPort(rawValue: 1) }
    /// Cleared by writing one.
    static var connectDetected: HostPort { HostPort(rawValue: 1 << 1) }
    /// Writing one disables the port.
    static var enabled: HostPort { HostPort(rawValue: 1 << 2) }
    /// Cleared by writing one.
    static var enableChanged: HostPort { HostPort(rawValue: 1 << 3) }
    static var overCurrent: HostPort { HostPort(rawValue: 1 << 4) }
    /// Cleared by writing one.
    static var overCurrentChanged: HostPort { HostPort(rawValue: 1 << 5) }
    static var reset: HostPort { HostPort(rawValue: 1 << 8) }
    static var power: HostPort { HostPort(rawValue: 1 << 12) }

    /// What a one clears.
    static var changes: HostPort { [.connectDetected, .enableChanged, .overCurrentChanged] }
    /// The value to write back to change something else: with none of the bits on which a one acts.
    var kept: HostPort { subtracting(Self.changes.union(.enabled)) }
    /// The speed of what is connected; nil for a code that is none.
    var speed: USBSpeed? { USBSpeed(rawValue: UInt8(self[17...18])) }
}

/// HCCHAR.
struct ChannelCharacteristics: OptionSet, RegisterFields {
    var rawValue: UInt32
    /// Data comes from the device.
    static var isIn: ChannelCharacteristics { ChannelCharacteristics(rawValue: 1 << 15) }
    static var isLowSpeed: ChannelCharacteristics { ChannelCharacteristics(rawValue: 1 << 17) }
    /// One packet in a microframe.
    static var onePacket: ChannelCharacteristics { ChannelCharacteristics(rawValue: 1 << 20) }
    /// In an odd (micro)frame.
    static var oddFrame: ChannelCharacteristics { ChannelCharacteristics(rawValue: 1 << 29) }
    static var disable: ChannelCharacteristics { ChannelCharacteristics(rawValue: 1 << 30) }
    static var enable: ChannelCharacteristics { ChannelCharacteristics(rawValue: 1 << 31) }

    /// What leads to `endpoint` of `target`.
    init(_ endpoint: USBEndpoint, of target: USBTarget) {
        rawValue = 0
        self[0...10] = UInt32(endpoint.packetSize)
        self[11...14] = UInt32(endpoint.number)
        self[18...19] = UInt32(endpoint.transfer.rawValue)
        self[22...28] = UInt32(target.address)
        insert(.onePacket)
        if endpoint.isIn { insert(.isIn) }
        if target.speed == .low { insert(.isLowSpeed) }
    }

    init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// HCSPLT.
struct ChannelSplit: RegisterFields {
    var rawValue: UInt32

    /// No split.
    static var none: ChannelSplit { ChannelSplit(rawValue: 0) }

    /// The first or the second half of a transaction through `translator`. The whole packet goes in one piece.
    init(_ translator: USBTranslator, isComplete: Bool) {
        rawValue = 1 << 31
        self[0...6] = UInt32(translator.port)
        self[7...13] = UInt32(translator.hub)
        self[14...15] = 3
        self[16...16] = isComplete ? 1 : 0
    }

    init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// HCINT and HCINTMSK.
struct ChannelInterrupts: OptionSet, RegisterFields {
    var rawValue: UInt32
    static var complete: ChannelInterrupts { ChannelInterrupts(rawValue: 1) }
    static var halted: ChannelInterrupts { ChannelInterrupts(rawValue: 1 << 1) }
    static var busError: ChannelInterrupts { ChannelInterrupts(rawValue: 1 << 2) }
    static var stall: ChannelInterrupts { ChannelInterrupts(rawValue: 1 << 3) }
    static var nak: ChannelInterrupts { ChannelInterrupts(rawValue: 1 << 4) }
    static var ack: ChannelInterrupts { ChannelInterrupts(rawValue: 1 << 5) }
    static var nyet: ChannelInterrupts { ChannelInterrupts(rawValue: 1 << 6) }
    static var transactionError: ChannelInterrupts { ChannelInterrupts(rawValue: 1 << 7) }
    static var babble: ChannelInterrupts { ChannelInterrupts(rawValue: 1 << 8) }
    static var frameOverrun: ChannelInterrupts { ChannelInterrupts(rawValue: 1 << 9) }
    static var toggleError: ChannelInterrupts { ChannelInterrupts(rawValue: 1 << 10) }
    /// All there are.
    static var all: ChannelInterrupts { ChannelInterrupts(rawValue: 0x3FFF) }
}

/// HCTSIZ.
struct ChannelSize: RegisterFields {
    /// What a packet is marked with.
    enum PacketID: UInt32 {
        case data0 = 0
        case data2 = 1
        case data1 = 2
        case setup = 3
    }

    var rawValue: UInt32
    /// Bytes left.
    var bytes: Int { Int(self[0...18]) }
    /// Packets left.
    var packets: Int { Int(self[19...28]) }
    /// What the next packet is marked with.
    var packetID: PacketID { PacketID(rawValue: self[29...30])! }

    /// Marks the next packet as the one after it.
    mutating func toggle() { self[29...30] = self[29...30] ^ PacketID.data1.rawValue }

    /// `bytes` in `packets`, the first marked `packetID`.
    init(bytes: Int, packets: Int, _ packetID: PacketID) {
        rawValue = 0
        self[0...18] = UInt32(bytes)
        self[19...28] = UInt32(packets)
        self[29...30] = packetID.rawValue
    }

    init(rawValue: UInt32) { self.rawValue = rawValue }
}
