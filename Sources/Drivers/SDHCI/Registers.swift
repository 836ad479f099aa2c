// SD Host Controller Simplified Specification 3.00, chapter 2 "SD Host Standard Register"; here in the 32-bit words that the
// Arasan controller of the BCM2711 demands. Words are named after the BCM2835 manual's chapter 5 "External Mass Media Controller".
import Interfaces

/// The controller's registers.
enum HostRegister {
    /// BLKSIZECNT: block size and count; both are written in one store.
    static var blockSizeAndCount: Register<BlockSizeAndCount> { Register(0x04) }
    /// ARG1: the command's argument.
    static var argument: Register<UInt32> { Register(0x08) }
    /// CMDTM: transfer mode and command; the store that writes it starts the command.
    static var command: Register<TransferCommand> { Register(0x0C) }
    /// RESP0: the first of four words of the response.
    static var response: Register<UInt32> { Register(0x10) }
    /// RESP3: holds the response to the controller's own CMD12 (2.2.7, "Response Bit Definition").
    static var autoStopResponse: Register<UInt32> { Register(0x1C) }
    /// DATA: a window onto the FIFO.
    static var data: Register<UInt32> { Register(0x20) }
    /// Present state.
    static var presentState: Register<PresentState> { Register(0x24) }
    /// CONTROL0: host, power, block gap and wake-up control.
    static var hostControl: Register<HostControl> { Register(0x28) }
    /// CONTROL1: clock, data timeout and resets.
    static var clockControl: Register<ClockControl> { Register(0x2C) }
    /// INTERRUPT: what has happened; a one clears. Never read, changed and written back.
    static var status: Register<HostStatus> { Register(0x30) }
    /// Which bits of the status latch at all.
    static var statusEnable: Register<HostStatus> { Register(0x34) }
    /// Which bits of the status raise the interrupt.
    static var signalEnable: Register<HostStatus> { Register(0x38) }
    /// CONTROL2: auto command errors, UHS mode, signalling voltage.
    static var hostControl2: Register<HostControl2> { Register(0x3C) }
    /// Capabilities, lower word.
    static var capabilities: Register<HostCapabilities> { Register(0x40) }
    /// Capabilities, upper word.
    static var speedCapabilities: Register<SpeedCapabilities> { Register(0x44) }
    /// ADMA error status: where a list of descriptors went wrong.
    static var admaError: Register<UInt32> { Register(0x54) }
    /// ADMA system address: where the list of descriptors begins, as the controller's bus has it.
    static var admaAddress: Register<UInt32> { Register(0x58) }
    /// Slot interrupts and version.
    static var version: Register<HostVersion> { Register(0xFC) }
}

/// Block size (2.2.2) and block count (2.2.3).
struct BlockSizeAndCount: RegisterFields {
    var rawValue: UInt32

    /// `count` blocks (1 to 65535) of `size` bytes (1 to 2048).
    init(size: Int, count: Int) {
        rawValue = UInt32(truncatingIfNeeded: size) & 0xFFF | UInt32(truncatingIfNeeded: count) << 16
    }

    init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// Transfer mode (2.2.5) in bits 15 to 0, command (2.2.6) in bits 31 to 16.
struct TransferCommand: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// The controller moves the data by itself.
    static var dmaEnable: TransferCommand { TransferCommand(rawValue: 1 << 0) }
    /// The block count limits the transfer.
    static var blockCountEnable: TransferCommand { TransferCommand(rawValue: 1 << 1) }
    /// The controller sends CMD12 after the last block.
    static var autoStop: TransferCommand { TransferCommand(rawValue: 1 << 2) }
    /// From the card to the host.
    static var read: TransferCommand { TransferCommand(rawValue: 1 << 4) }
    /// More than one block.
    static var multipleBlocks: TransferCommand { TransferCommand(rawValue: 1 << 5) }
    /// A response of 136 bits.
    static var longResponse: TransferCommand { TransferCommand(rawValue: 1 << 16) }
    /// A response of 48 bits.
    static var shortResponse: TransferCommand { TransferCommand(rawValue: 2 << 16) }
    /// A response of 48 bits, after which the card may hold DAT0 low.
    static var shortResponseWithBusy: TransferCommand { TransferCommand(rawValue: 3 << 16) }
    /// The response's CRC is checked.
    static var checkCRC: TransferCommand { TransferCommand(rawValue: 1 << 19) }
    /// The response repeats the command's index.
    static var checkIndex: TransferCommand { TransferCommand(rawValue: 1 << 20) }
    /// Data follows on the DAT lines.
    static var dataPresent: TransferCommand { TransferCommand(rawValue: 1 << 21) }
    /// The command ends a transfer and may be sent while one runs.
    static var abort: TransferCommand { TransferCommand(rawValue: 3 << 22) }

    /// The command's number.
    var index: UInt32 {
        get { self[24...29] }
        set { self[24...29] = newValue }
    }
}

/// Present state (2.2.9).
struct PresentState: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// A command is under way.
    static var commandInhibit: PresentState { PresentState(rawValue: 1 << 0) }
    /// The DAT lines are in use, or the card is busy.
    static var dataInhibit: PresentState { PresentState(rawValue: 1 << 1) }
    /// The card detect switch sees a card. The Pi 4's slot has no switch.
    static var cardInserted: PresentState { PresentState(rawValue: 1 << 16) }
    /// The write protect switch allows writing. The Pi 4's slot has none.
    static var writeEnabled: PresentState { PresentState(rawValue: 1 << 19) }
    /// DAT0: low while the card is busy.
    static var firstDataLine: PresentState { PresentState(rawValue: 1 << 20) }
    /// DAT3 to DAT0: DAT0 is low while the card is busy, all are while it switches its voltage.
    static var dataLines: PresentState { PresentState(rawValue: 15 << 20) }
}

/// Host control (2.2.10) and power control (2.2.11). EMMC2's bit 23 reads 1, whatever was written: what is read here is not compared with that.
struct HostControl: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// Four data lines.
    static var fourBits: HostControl { HostControl(rawValue: 1 << 1) }
    /// Eight data lines.
    static var eightBits: HostControl { HostControl(rawValue: 1 << 5) }
    /// Outputs change on the rising edge, for clocks above 25 MHz.
    static var highSpeed: HostControl { HostControl(rawValue: 1 << 2) }
    /// Data is moved by lists of descriptors with 32-bit addresses.
    static var adma2: HostControl { HostControl(rawValue: 2 << 3) }
    /// Bus power on, at 3.3 V.
    static var power3V3: HostControl { HostControl(rawValue: 1 << 8 | 7 << 9) }
}

/// Clock control (2.2.14), timeout control (2.2.15) and software reset (2.2.16).
struct ClockControl: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// The controller's own clock runs.
    static var internalClockEnable: ClockControl { ClockControl(rawValue: 1 << 0) }
    /// The controller's own clock is stable.
    static var internalClockStable: ClockControl { ClockControl(rawValue: 1 << 1) }
    /// The card gets its clock.
    static var cardClockEnable: ClockControl { ClockControl(rawValue: 1 << 2) }
    /// Resets everything but the card detection.
    static var resetAll: ClockControl { ClockControl(rawValue: 1 << 24) }
    /// Resets what serves the CMD line.
    static var resetCommandLine: ClockControl { ClockControl(rawValue: 1 << 25) }
    /// Resets what serves the DAT lines.
    static var resetDataLines: ClockControl { ClockControl(rawValue: 1 << 26) }

    /// N: the card's clock is the base clock divided by 2 N, or the base clock when 0. Ten bits, in two pieces.
    var divider: UInt32 {
        get { self[6...7] << 8 | self[8...15] }
        set {
            self[6...7] = newValue >> 8
            self[8...15] = newValue
        }
    }

    /// The data timeout is 2^(13 + this) periods of the timeout clock; at most 14.
    var timeoutExponent: UInt32 {
        get { self[16...19] }
        set { self[16...19] = newValue }
    }
}

/// Normal and error interrupt status (2.2.17, 2.2.18) and their enables.
struct HostStatus: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// The response has come.
    static var commandComplete: HostStatus { HostStatus(rawValue: 1 << 0) }
    /// All data has moved, or the card is no longer busy.
    static var transferComplete: HostStatus { HostStatus(rawValue: 1 << 1) }
    /// The FIFO takes a block.
    static var bufferWriteReady: HostStatus { HostStatus(rawValue: 1 << 4) }
    /// The FIFO holds a block.
    static var bufferReadReady: HostStatus { HostStatus(rawValue: 1 << 5) }
    /// The card's own interrupt (SDIO).
    static var cardInterrupt: HostStatus { HostStatus(rawValue: 1 << 8) }
    /// Any of the bits below.
    static var error: HostStatus { HostStatus(rawValue: 1 << 15) }
    /// The bits below, as they are enabled one by one.
    static var anyError: HostStatus { HostStatus(rawValue: 0x07FF_0000) }
    /// No response within 64 clocks.
    static var commandTimeout: HostStatus { HostStatus(rawValue: 1 << 16) }
    /// CRC, end bit or index of the response wrong.
    static var commandGarbled: HostStatus { HostStatus(rawValue: 7 << 17) }
    /// The card kept silent, or busy, for longer than the data timeout.
    static var dataTimeout: HostStatus { HostStatus(rawValue: 1 << 20) }
    /// CRC or end bit of the data wrong.
    static var dataGarbled: HostStatus { HostStatus(rawValue: 3 << 21) }
    /// The automatic CMD12 went wrong.
    static var autoCommandError: HostStatus { HostStatus(rawValue: 1 << 24) }
    /// The list of descriptors is wrong, or memory did not answer.
    static var admaError: HostStatus { HostStatus(rawValue: 1 << 25) }
    /// Every bit.
    static var all: HostStatus { HostStatus(rawValue: .max) }
}

/// Auto command errors (2.2.23) in bits 15 to 0, read only; host control 2 (2.2.24) in bits 31 to 16. Preset values stay off, and the
/// driver sets its dividers itself: the presets are unusable on the BCM2835's controller. On this one Linux turns them on.
struct HostControl2: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// Signals are at 1.8 V.
    static var signalling1V8: HostControl2 { HostControl2(rawValue: 1 << 19) }
    /// Tuning is under way.
    static var executeTuning: HostControl2 { HostControl2(rawValue: 1 << 22) }
    /// Data is sampled by the tuned clock.
    static var samplingClockTuned: HostControl2 { HostControl2(rawValue: 1 << 23) }

    /// The mode at 1.8 V, by its number in `BusMode`.
    var mode: UInt32 {
        get { self[16...18] }
        set { self[16...18] = newValue }
    }
}

/// Capabilities (2.2.26), upper word.
struct SpeedCapabilities: RegisterFields {
    var rawValue: UInt32

    /// Whether the controller has `mode`, one at 1.8 V.
    func has(_ mode: BusMode) -> Bool {
        switch mode {
        case .defaultSpeed, .highSpeed, .sdr12, .sdr25: true
        case .sdr50: self[0...0] != 0
        case .ddr50: self[2...2] != 0
        }
    }

    /// Whether SDR50 works only after tuning.
    var tunesSDR50: Bool { self[13...13] != 0 }
}

/// Capabilities (2.2.26), lower word.
struct HostCapabilities: RegisterFields {
    var rawValue: UInt32

    /// Lists of descriptors with 32-bit addresses are supported.
    var hasADMA2: Bool { self[19...19] != 0 }
    /// Signals at 1.8 V are supported.
    var has1V8: Bool { self[26...26] != 0 }

    /// The rate of the clock that data timeouts are counted by, in Hz; 0 when it has to be known otherwise. Bit 7 tells MHz from kHz: EMMC2's
    /// runs at 50 kHz.
    var timeoutClock: UInt64 { UInt64(self[0...5]) * (self[7...7] != 0 ? 1_000_000 : 1_000) }
    /// The base clock in MHz; 0 when it has to be known otherwise.
    var baseClockMHz: UInt32 { self[8...15] }
    /// Eight data lines are supported.
    var hasEightBits: Bool { self[18...18] != 0 }
    /// High speed is supported.
    var hasHighSpeed: Bool { self[21...21] != 0 }
}

/// Slot interrupt status (2.2.34) and host controller version (2.2.35).
struct HostVersion: RegisterFields {
    var rawValue: UInt32

    /// 2: specification 3.00.
    var specification: UInt32 { self[16...23] }
}
