/// The node `/chosen`: what firmware and user decided for this start of the system. Every answer is nil where the node
/// says nothing.
public struct Chosen: Sendable {
    /// The node itself.
    public let node: Node

    /// The line of arguments for the kernel: `cmdline.txt` and what the firmware adds.
    public var bootArguments: String? { node.property("bootargs")?.string }
    /// The console: a path or an alias for `DeviceTree.node`, with its settings after a colon.
    public var standardOutputPath: String? { node.property("stdout-path")?.string }
    /// Random bytes from the firmware, fresh at each start. Good for seeding once, by one reader.
    public var randomSeed: [UInt8]? { node.property("rng-seed")?.bytes }
    /// The partition the firmware booted from.
    public var partition: UInt32? { bootloader("partition") }
    /// 1 when this start is a trial of other boot files.
    public var tryBoot: UInt32? { bootloader("tryboot") }
    /// The medium the firmware booted from.
    public var bootMode: UInt32? { bootloader("boot-mode") }
    /// The register PM_RSTS as it was before the firmware began: the reason of the reset.
    public var resetStatus: UInt32? { bootloader("rsts") }

    private func bootloader(_ name: StaticString) -> UInt32? { node.child("bootloader")?.property(name)?.u32 }
}
