// The RNG200 is not in the BCM2711 manual. Registers as in the binding "brcm,bcm2711-rng200" and Linux's iproc-rng200.
import Interfaces

/// The random number generator's registers.
enum RNG200Register {
    /// CTRL.
    static var control: Register<RNG200Control> { Register(0x00) }
    /// RNG soft reset: bit 0.
    static var reset: Register<UInt32> { Register(0x04) }
    /// RBG soft reset: bit 0.
    static var generatorReset: Register<UInt32> { Register(0x08) }
    /// TOTAL_BIT_COUNT_THRESHOLD: bits thrown away after the start.
    static var warmUpBits: Register<UInt32> { Register(0x10) }
    /// INT_STATUS: a one clears.
    static var status: Register<RNG200Status> { Register(0x18) }
    /// INT_ENABLE.
    static var interruptEnable: Register<RNG200Status> { Register(0x1C) }
    /// FIFO_DATA: takes a word.
    static var data: Register<UInt32> { Register(0x20) }
    /// FIFO_COUNT: how many there are.
    static var count: Register<RNG200Count> { Register(0x24) }
}

/// CTRL.
struct RNG200Control: RegisterFields {
    var rawValue: UInt32

    /// RBGEN: all thirteen bits set, the generator runs; all clear, it does not.
    var isRunning: Bool {
        get { self[0...12] != 0 }
        set { self[0...12] = newValue ? 0x1FFF : 0 }
    }

    /// The sampling rate's divider; 3 gives about 1 Mbit/s.
    var divider: UInt32 {
        get { self[13...20] }
        set { self[13...20] = newValue }
    }
}

/// INT_STATUS.
struct RNG200Status: OptionSet, RegisterFields {
    var rawValue: UInt32

    /// The generator failed its statistical test.
    static var testFailed: RNG200Status { RNG200Status(rawValue: 1 << 5) }
    /// The generator failed for good and gives nothing until it is reset.
    static var lockedOut: RNG200Status { RNG200Status(rawValue: 1 << 31) }
    /// Either failure.
    static var failures: RNG200Status { [.testFailed, .lockedOut] }
    /// Every bit.
    static var all: RNG200Status { RNG200Status(rawValue: .max) }
}

/// FIFO_COUNT.
struct RNG200Count: RegisterFields {
    var rawValue: UInt32

    /// Words that can be taken.
    var available: UInt32 { self[0...7] }
}
