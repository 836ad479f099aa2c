// BCM2711 ARM Peripherals, chapter 2 "Auxiliaries: UART1, SPI1 & SPI2", section 2.2 "Mini UART"; offsets from the start of the AUX block.
import Interfaces

/// The mini UART's registers.
enum MiniUARTRegister {
    /// AUX_ENABLES: the registers below read 0 and take nothing while their device is not enabled.
    static var enables: Register<AuxiliaryDevices> { Register(0x04) }
    /// AUX_MU_IO_REG: one byte in, one byte out.
    static var data: Register<UInt32> { Register(0x40) }
    /// AUX_MU_IER_REG.
    static var interruptEnable: Register<MiniUARTInterruptEnable> { Register(0x44) }
    /// AUX_MU_IIR_REG: why it interrupts; written, it empties the FIFOs.
    static var interruptIdentification: Register<MiniUARTInterruptIdentification> { Register(0x48) }
    /// AUX_MU_LCR_REG.
    static var lineControl: Register<MiniUARTLineControl> { Register(0x4C) }
    /// AUX_MU_MCR_REG.
    static var modemControl: Register<UInt32> { Register(0x50) }
    /// AUX_MU_LSR_REG: reading clears the overrun.
    static var lineStatus: Register<MiniUARTLineStatus> { Register(0x54) }
    /// AUX_MU_CNTL_REG.
    static var control: Register<MiniUARTControl> { Register(0x60) }
    /// AUX_MU_STAT_REG: the same as the line status and more, without forgetting anything.
    static var extraStatus: Register<MiniUARTExtraStatus> { Register(0x64) }
    /// AUX_MU_BAUD_REG: 16 bits.
    static var baud: Register<UInt32> { Register(0x68) }
}

/// AUX_ENABLES (2.1.1).
struct AuxiliaryDevices: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// The mini UART.
    static var miniUART: AuxiliaryDevices { AuxiliaryDevices(rawValue: 1 << 0) }
}

/// AUX_MU_IER_REG. The manual names the bits wrongly: as on a 16550, bit 0 is receive and bit 1 transmit, and bits 3 and 2
/// have to be set for interrupts to come through.
struct MiniUARTInterruptEnable: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// Bytes wait in the receiver.
    static var receive: MiniUARTInterruptEnable { MiniUARTInterruptEnable(rawValue: 1 << 0) }
    /// The transmit FIFO is empty.
    static var transmit: MiniUARTInterruptEnable { MiniUARTInterruptEnable(rawValue: 1 << 1) }
    /// Without these no interrupt comes through.
    static var passage: MiniUARTInterruptEnable { MiniUARTInterruptEnable(rawValue: 3 << 2) }
}

/// AUX_MU_IIR_REG.
struct MiniUARTInterruptIdentification: RegisterFields {
    var rawValue: UInt32

    /// Why the mini UART interrupts: the more urgent of two.
    enum Cause: UInt32 {
        case none = 0
        case transmit = 1
        case receive = 2
    }

    /// Nil for a code the manual says cannot be, and when nothing is pending.
    var cause: Cause? { self[0...0] != 0 ? nil : Cause(rawValue: self[1...2]) }

    /// Written: empties both FIFOs.
    static var clearFIFOs: MiniUARTInterruptIdentification { MiniUARTInterruptIdentification(rawValue: 3 << 1) }
}

/// AUX_MU_LCR_REG.
struct MiniUARTLineControl: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// Eight data bits. The manual shows one bit; without the second the UART sends seven.
    static var eightBits: MiniUARTLineControl { MiniUARTLineControl(rawValue: 3 << 0) }
}

/// AUX_MU_LSR_REG. Read by the receiving side alone, since reading forgets the overrun.
struct MiniUARTLineStatus: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// A byte waits.
    static var dataReady: MiniUARTLineStatus { MiniUARTLineStatus(rawValue: 1 << 0) }
    /// The receive FIFO was full when another byte came.
    static var receiverOverrun: MiniUARTLineStatus { MiniUARTLineStatus(rawValue: 1 << 1) }
}

/// AUX_MU_STAT_REG.
struct MiniUARTExtraStatus: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// The transmit FIFO takes a byte.
    static var spaceAvailable: MiniUARTExtraStatus { MiniUARTExtraStatus(rawValue: 1 << 1) }
    /// FIFO and shifter are empty.
    static var transmitterDone: MiniUARTExtraStatus { MiniUARTExtraStatus(rawValue: 1 << 9) }
}

/// AUX_MU_CNTL_REG.
struct MiniUARTControl: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// The receiver runs.
    static var receiverEnable: MiniUARTControl { MiniUARTControl(rawValue: 1 << 0) }
    /// The transmitter runs.
    static var transmitterEnable: MiniUARTControl { MiniUARTControl(rawValue: 1 << 1) }
}
