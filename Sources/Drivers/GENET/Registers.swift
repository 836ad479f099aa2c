// Hardware notes "GENET v5", section 2: the blocks SYS, EXT, INTRL2, RBUF, TBUF, UMAC and HFB. Offsets from the start of the device.
import Interfaces

/// The controller's registers outside its DMA engines.
enum GENETRegister {
    /// SYS_REV_CTRL.
    static var revision: Register<Revision> { Register(0x000) }
    /// SYS_PORT_CTRL.
    static var portControl: Register<UInt32> { Register(0x004) }
    /// SYS_RBUF_FLUSH_CTRL.
    static var receiveFlush: Register<ReceiveFlush> { Register(0x008) }
    /// EXT_RGMII_OOB_CTRL.
    static var rgmiiControl: Register<RGMIIControl> { Register(0x08C) }

    /// INTRL2_0: everything but the priority rings.
    static var interrupts: InterruptBank { InterruptBank(base: 0x200) }
    /// INTRL2_1: the priority rings, which this driver does not use.
    static var ringInterrupts: InterruptBank { InterruptBank(base: 0x240) }

    /// RBUF_CTRL.
    static var receiveBuffer: Register<ReceiveBufferControl> { Register(0x300) }
    /// RBUF_PKT_RDY_THLD: how much of a frame the FIFO holds before it is moved on, in 16 bytes.
    static var receiveReady: Register<ReadyThreshold> { Register(0x308) }
    /// RBUF_CHK_CTRL.
    static var receiveChecksum: Register<ReceiveChecksumControl> { Register(0x314) }
    /// RBUF_OVFL_CNT: frames lost because the receive FIFO was full.
    static var receiveOverflows: Register<UInt32> { Register(0x394) }
    /// RBUF_ENERGY_CTRL.
    static var receiveEnergy: Register<EnergyControl> { Register(0x39C) }
    /// RBUF_TBUF_SIZE_CTRL.
    static var transmitBufferSize: Register<UInt32> { Register(0x3B4) }
    /// TBUF_CTRL.
    static var transmitBuffer: Register<TransmitBufferControl> { Register(0x600) }
    /// TBUF_BP_MC: what holds the transmitter back on chips with MoCA.
    static var transmitBackpressure: Register<UInt32> { Register(0x60C) }
    /// TBUF_PKT_RDY_THLD.
    static var transmitReady: Register<ReadyThreshold> { Register(0x610) }
    /// TBUF_ENERGY_CTRL.
    static var transmitEnergy: Register<EnergyControl> { Register(0x614) }

    /// UMAC_HD_BKP_CTRL.
    static var halfDuplex: Register<HalfDuplexControl> { Register(0x804) }
    /// UMAC_CMD.
    static var command: Register<MACCommand> { Register(0x808) }
    /// UMAC_MAC0: bytes 0 to 3 of the address, byte 0 in bits 31 to 24.
    static var address0: Register<UInt32> { Register(0x80C) }
    /// UMAC_MAC1: bytes 4 and 5 in bits 15 to 0.
    static var address1: Register<UInt32> { Register(0x810) }
    /// UMAC_MAX_FRAME_LEN.
    static var maximumFrameLength: Register<UInt32> { Register(0x814) }
    /// UMAC_PAUSE_QUANTA: how long a pause frame of ours asks for.
    static var pauseQuanta: Register<UInt32> { Register(0x818) }
    /// UMAC_EEE_CTRL.
    static var energyEfficiency: Register<EnergyEfficiencyControl> { Register(0x864) }
    /// UMAC_TX_FLUSH.
    static var transmitFlush: Register<UInt32> { Register(0xB34) }
    /// UMAC_MIB_CTRL: 1 resets the receive, 2 the runt, 4 the transmit counters while set.
    static var counterControl: Register<UInt32> { Register(0xD80) }
    /// UMAC_MDIO_CMD.
    static var management: Register<ManagementCommand> { Register(0xE14) }
    /// UMAC_MPD_CTRL.
    static var magicPacket: Register<MagicPacketControl> { Register(0xE20) }
    /// UMAC_MDF_CTRL: filter i is enabled by bit 16 - i.
    static var filterControl: Register<UInt32> { Register(0xE50) }
    /// UMAC_MDF_ADDR0 of filter `index`: bytes 0 and 1 of the address.
    static func filterUpper(_ index: Int) -> Register<UInt32> { Register(0xE54 + 8 * index) }
    /// UMAC_MDF_ADDR1 of filter `index`: bytes 2 to 5.
    static func filterLower(_ index: Int) -> Register<UInt32> { Register(0xE58 + 8 * index) }

    /// HFB_CTRL.
    static var frameFilterControl: Register<UInt32> { Register(0xFC00) }
    /// The two enable registers; the first is for filters 32 to 47, the second for 0 to 31 (erratum E11).
    static func frameFilterEnable(_ index: Int) -> Register<UInt32> { Register(0xFC04 + 4 * index) }
    /// Lengths of four filters each, in 12 registers.
    static func frameFilterLength(_ index: Int) -> Register<UInt32> { Register(0xFC1C + 4 * index) }
}

/// SYS_REV_CTRL.
struct Revision: RegisterFields {
    var rawValue: UInt32
    /// 6 for GENET version 5.
    var major: UInt32 { self[24...27] }
    static var version5: UInt32 { 6 }
}

/// SYS_RBUF_FLUSH_CTRL.
struct ReceiveFlush: OptionSet, RegisterFields {
    var rawValue: UInt32
    /// Empties the receive FIFO while set.
    static var flush: ReceiveFlush { ReceiveFlush(rawValue: 1) }
    /// Holds the MAC in reset while set.
    static var resetMAC: ReceiveFlush { ReceiveFlush(rawValue: 2) }
}

/// EXT_RGMII_OOB_CTRL.
struct RGMIIControl: OptionSet, RegisterFields {
    var rawValue: UInt32
    static var link: RGMIIControl { RGMIIControl(rawValue: 1 << 4) }
    static var outOfBandDisable: RGMIIControl { RGMIIControl(rawValue: 1 << 5) }
    static var enable: RGMIIControl { RGMIIControl(rawValue: 1 << 6) }
    /// The MAC does not delay the transmit clock.
    static var delayDisable: RGMIIControl { RGMIIControl(rawValue: 1 << 16) }
}

/// The six registers of an interrupt controller.
struct InterruptBank {
    let base: Int
    /// CPU_STAT: what has happened, masked or not.
    var status: Register<GENETInterrupts> { Register(base) }
    /// CPU_CLEAR: a one clears.
    var clear: Register<GENETInterrupts> { Register(base + 0x08) }
    /// CPU_MASK_SET: a one silences. (What one port calls "disable" writes the register after this one and does the opposite:
    /// erratum E14.)
    var maskSet: Register<GENETInterrupts> { Register(base + 0x10) }
    /// CPU_MASK_CLEAR: a one lets through.
    var maskClear: Register<GENETInterrupts> { Register(base + 0x14) }
}

/// The bits of INTRL2_0.
struct GENETInterrupts: OptionSet, RegisterFields {
    var rawValue: UInt32
    /// RXDMA_MBDONE: the threshold or the timeout of receive ring 16.
    static var receiveDone: GENETInterrupts { GENETInterrupts(rawValue: 1 << 13) }
    /// TXDMA_MBDONE: the threshold of transmit ring 16, or it ran empty.
    static var transmitDone: GENETInterrupts { GENETInterrupts(rawValue: 1 << 16) }
    static var all: GENETInterrupts { GENETInterrupts(rawValue: .max) }
}

/// RBUF_CTRL.
struct ReceiveBufferControl: OptionSet, RegisterFields {
    var rawValue: UInt32
    /// Puts a status block of 64 bytes before each frame.
    static var statusBlock: ReceiveBufferControl { ReceiveBufferControl(rawValue: 1) }
    /// Puts two bytes before each frame, so that what follows the Ethernet header is aligned to four.
    static var align: ReceiveBufferControl { ReceiveBufferControl(rawValue: 2) }
    /// BAD_DIS, which no driver sets.
    static var badDisable: ReceiveBufferControl { ReceiveBufferControl(rawValue: 4) }
}

/// RBUF_PKT_RDY_THLD and TBUF_PKT_RDY_THLD.
struct ReadyThreshold: RegisterFields {
    var rawValue: UInt32
    /// In 16 bytes.
    var blocks: UInt32 {
        get { self[0...7] }
        set { self[0...7] = newValue }
    }
    /// 2048 bytes, as after a reset: more than any frame here, so that a status block is about the whole of it.
    static var whole: UInt32 { 0x80 }
}

/// RBUF_CHK_CTRL.
struct ReceiveChecksumControl: OptionSet, RegisterFields {
    var rawValue: UInt32
    static var enable: ReceiveChecksumControl { ReceiveChecksumControl(rawValue: 1) }
    /// The frames end with their checksum, which is not to be summed.
    static var skipFrameCheck: ReceiveChecksumControl { ReceiveChecksumControl(rawValue: 1 << 4) }
    /// Sums everything after the Ethernet header, whatever it is.
    static var sumAll: ReceiveChecksumControl { ReceiveChecksumControl(rawValue: 1 << 5) }
}

/// RBUF_ENERGY_CTRL and TBUF_ENERGY_CTRL.
struct EnergyControl: OptionSet, RegisterFields {
    var rawValue: UInt32
    /// Both bits that erratum E5 forbids.
    static var all: EnergyControl { EnergyControl(rawValue: 3) }
}

/// UMAC_EEE_CTRL.
struct EnergyEfficiencyControl: OptionSet, RegisterFields {
    var rawValue: UInt32
    static var enable: EnergyEfficiencyControl { EnergyEfficiencyControl(rawValue: 1 << 3) }
}

/// UMAC_HD_BKP_CTRL.
struct HalfDuplexControl: OptionSet, RegisterFields {
    var rawValue: UInt32
    /// In half duplex, holds the partner off by collisions when the receiver is full.
    static var flowControl: HalfDuplexControl { HalfDuplexControl(rawValue: 1) }
}

/// UMAC_MPD_CTRL.
struct MagicPacketControl: OptionSet, RegisterFields {
    var rawValue: UInt32
    /// Waits for a magic packet, and takes nothing else.
    static var enable: MagicPacketControl { MagicPacketControl(rawValue: 1) }
    /// The magic packet has a password.
    static var password: MagicPacketControl { MagicPacketControl(rawValue: 1 << 27) }
}

/// TBUF_CTRL.
struct TransmitBufferControl: OptionSet, RegisterFields {
    var rawValue: UInt32
    /// Takes a status block of 64 bytes before each frame.
    static var statusBlock: TransmitBufferControl { TransmitBufferControl(rawValue: 1) }
}

/// UMAC_CMD.
struct MACCommand: OptionSet, RegisterFields {
    var rawValue: UInt32
    static var transmit: MACCommand { MACCommand(rawValue: 1 << 0) }
    static var receive: MACCommand { MACCommand(rawValue: 1 << 1) }
    static var promiscuous: MACCommand { MACCommand(rawValue: 1 << 4) }
    static var ignorePause: MACCommand { MACCommand(rawValue: 1 << 8) }
    static var halfDuplex: MACCommand { MACCommand(rawValue: 1 << 10) }
    static var reset: MACCommand { MACCommand(rawValue: 1 << 13) }
    static var localLoop: MACCommand { MACCommand(rawValue: 1 << 15) }
    static var sendNoPause: MACCommand { MACCommand(rawValue: 1 << 28) }

    /// What ends all that the MAC does by itself: it neither receives nor sends, not even pause frames.
    static var silent: MACCommand { [.sendNoPause, .ignorePause] }

    /// Makes the command that of `mode` and leaves what does not belong to the link.
    ///
    /// Pause frames are never sent, whatever was agreed. The MAC sends them by itself, again and again, for as long as nobody empties the
    /// ring, and some switches stop all their ports for it (F. Fainelli of Broadcom on netdev, November 2025). To lose frames is better.
    mutating func apply(_ mode: LinkMode) {
        subtract([.halfDuplex, .ignorePause])
        insert(.sendNoPause)
        self[2...3] =
            switch mode.speed {
            case .megabits10: 0
            case .megabits100: 1
            case .megabits1000: 2
            }
        if !mode.isFullDuplex { insert(.halfDuplex) }
        if !mode.obeysPause { insert(.ignorePause) }
    }
}

/// UMAC_MDIO_CMD.
struct ManagementCommand: RegisterFields {
    var rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A read of `register` of the PHY at `address`.
    init(reading register: UInt8, of address: UInt8) {
        rawValue = 2 << 26
        self[21...25] = UInt32(address)
        self[16...20] = UInt32(register)
    }

    /// A write of `value`.
    init(writing value: UInt16, to register: UInt8, of address: UInt8) {
        rawValue = 1 << 26 | UInt32(value)
        self[21...25] = UInt32(address)
        self[16...20] = UInt32(register)
    }

    var data: UInt16 { UInt16(self[0...15]) }
    var hasFailed: Bool { self[28...28] != 0 }
    var isBusy: Bool {
        get { self[29...29] != 0 }
        set { self[29...29] = newValue ? 1 : 0 }
    }
}
