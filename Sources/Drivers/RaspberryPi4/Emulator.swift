import Boot

extension Board {
    /// GICD_IIDR of a released QEMU. The board's GIC-400 says 0x0200143B, and so does a QEMU that has the board's own devices.
    private static let emulatedController: UInt32 = 0x0000_043B
    /// How often the counter of a released QEMU counts in a second, whatever a stub has written to CNTFRQ_EL0.
    private static let emulatedCounterRate: UInt64 = 62_500_000

    /// Whether this is a released QEMU and not a board: one without a random number generator, whose watchdog does not count.
    ///
    /// It is known by its interrupt controller, because everything else that tells it apart a boot stub may have written over.
    public static var isEmulated: Bool { MemoryMap.gicDistributor.read(0x008) == emulatedController }

    /// How often the generic timer's counter counts in a second; nil when CNTFRQ_EL0 says it.
    static var counterRate: UInt64? { isEmulated ? emulatedCounterRate : nil }
}
