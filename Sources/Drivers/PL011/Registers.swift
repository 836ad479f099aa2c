// ARM PrimeCell UART (PL011) Technical Reference Manual, DDI 0183, chapter 3 "Programmers Model".
import Interfaces

/// The PL011's registers.
enum PL011Register {
    /// UARTDR: one byte in, one byte out.
    static var data: Register<PL011Data> { Register(0x00) }
    /// UARTFR.
    static var flags: Register<PL011Flags> { Register(0x18) }
    /// UARTIBRD: integer part of the divisor. Takes effect when UARTLCR_H is written.
    static var integerDivisor: Register<UInt32> { Register(0x24) }
    /// UARTFBRD: fraction of the divisor in 64ths. Takes effect when UARTLCR_H is written.
    static var fractionalDivisor: Register<UInt32> { Register(0x28) }
    /// UARTLCR_H.
    static var lineControl: Register<PL011LineControl> { Register(0x2C) }
    /// UARTCR.
    static var control: Register<PL011Control> { Register(0x30) }
    /// UARTIFLS.
    static var fifoLevels: Register<PL011FIFOLevels> { Register(0x34) }
    /// UARTIMSC: a one lets the interrupt through.
    static var interruptMask: Register<PL011Interrupts> { Register(0x38) }
    /// UARTMIS: pending and let through.
    static var maskedInterrupts: Register<PL011Interrupts> { Register(0x40) }
    /// UARTICR: a one clears.
    static var interruptClear: Register<PL011Interrupts> { Register(0x44) }
}

/// UARTDR (3.3.1).
struct PL011Data: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// FE: no stop bit.
    static var framingError: PL011Data { PL011Data(rawValue: 1 << 8) }
    /// PE: wrong parity.
    static var parityError: PL011Data { PL011Data(rawValue: 1 << 9) }
    /// BE: the line was low for a whole byte.
    static var breakError: PL011Data { PL011Data(rawValue: 1 << 10) }
    /// OE: the FIFO was full when another byte came.
    static var overrunError: PL011Data { PL011Data(rawValue: 1 << 11) }
    /// The four error bits.
    static var errors: PL011Data { [.framingError, .parityError, .breakError, .overrunError] }
}

/// UARTFR (3.3.3).
struct PL011Flags: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// BUSY: a byte is being shifted out.
    static var busy: PL011Flags { PL011Flags(rawValue: 1 << 3) }
    /// RXFE: nothing received.
    static var receiveFIFOEmpty: PL011Flags { PL011Flags(rawValue: 1 << 4) }
    /// TXFF: no room to send.
    static var transmitFIFOFull: PL011Flags { PL011Flags(rawValue: 1 << 5) }
    /// TXFE: nothing left to send but what is in the shifter.
    static var transmitFIFOEmpty: PL011Flags { PL011Flags(rawValue: 1 << 7) }
}

/// UARTLCR_H (3.3.7).
struct PL011LineControl: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// FEN: the FIFOs are used.
    static var enableFIFOs: PL011LineControl { PL011LineControl(rawValue: 1 << 4) }
    /// WLEN = 3: eight data bits.
    static var eightBits: PL011LineControl { PL011LineControl(rawValue: 3 << 5) }
}

/// UARTCR (3.3.8).
struct PL011Control: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// UARTEN.
    static var enable: PL011Control { PL011Control(rawValue: 1 << 0) }
    /// TXE.
    static var transmitEnable: PL011Control { PL011Control(rawValue: 1 << 8) }
    /// RXE.
    static var receiveEnable: PL011Control { PL011Control(rawValue: 1 << 9) }
}

/// UARTIFLS (3.3.9): at which filling of its FIFO an interrupt rises.
struct PL011FIFOLevels: RegisterFields {
    var rawValue: UInt32

    /// How full, in eighths of the FIFO.
    enum Level: UInt32 {
        case oneEighth = 0
        case oneQuarter = 1
        case oneHalf = 2
        case threeQuarters = 3
        case sevenEighths = 4
    }

    /// Transmit interrupt when the FIFO falls to `transmit`, receive interrupt when it rises to `receive`.
    init(transmit: Level, receive: Level) {
        rawValue = 0
        self[0...2] = transmit.rawValue
        self[3...5] = receive.rawValue
    }

    init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// UARTIMSC, UARTRIS, UARTMIS and UARTICR (3.3.10 to 3.3.13).
struct PL011Interrupts: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// RX: the receive FIFO has risen to its level.
    static var receive: PL011Interrupts { PL011Interrupts(rawValue: 1 << 4) }
    /// TX: the transmit FIFO has fallen to its level.
    static var transmit: PL011Interrupts { PL011Interrupts(rawValue: 1 << 5) }
    /// RT: bytes wait below the level and the line has been silent for 32 bit times.
    static var receiveTimeout: PL011Interrupts { PL011Interrupts(rawValue: 1 << 6) }
    /// Every interrupt the device has (bits 10 to 0).
    static var all: PL011Interrupts { PL011Interrupts(rawValue: 0x7FF) }
}
