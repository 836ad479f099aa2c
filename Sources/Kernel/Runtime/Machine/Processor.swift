import Boot

/// The core that runs the program.
public enum Processor {
    /// MIDR_EL1: who designed the core, which one it is, and its revision. 0x410fd083 is a Cortex-A72 r0p3.
    public static var identification: UInt64 { apus_midr() }

    /// How often the generic timer counts in a second, as the firmware says.
    public static var counterFrequency: UInt64 { apus_counter_frequency() }

    /// The generic timer's counter.
    public static var counter: UInt64 { apus_counter() }
}
