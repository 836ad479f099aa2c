/// A board at the first instruction of the kernel.
public struct FirstInstruction: Sendable {
    /// A piece of memory that the firmware has written.
    public struct Region: Sendable {
        /// What it is, for a reader: `stub`, `tags`, `kernel`, `tree`, `initramfs`.
        public let name: String
        /// The address of its first byte.
        public let address: UInt64
        /// Its bytes.
        public let bytes: [UInt8]

        /// The addresses it takes.
        public var range: Range<UInt64> { address..<address + UInt64(bytes.count) }
    }

    /// What keeps a kernel from its work although the cores were started. Each is seen on a board as silence, early or late.
    public enum Fault: Equatable, Sendable, CustomStringConvertible {
        /// The firmware wrote ATAGs over the second half of the stub, which a core executes before it leaves EL3.
        case stubOverwrittenByTags(at: UInt64)
        /// The cores' interrupt lines stay with the legacy controller: the kernel prints, and waits for ever.
        case noInterrupts
        /// Two pieces lie over one another.
        case overlap(String, String)

        /// In words.
        public var description: String {
            switch self {
            case .stubOverwrittenByTags(let address):
                "stub overwritten by ATAGs: the core executes data at 0x\(String(address, radix: 16))"
            case .noInterrupts: "no interrupts arrive: enable_gic=1 or a device tree is missing"
            case .overlap(let first, let second): "\(first) and \(second) lie over one another"
            }
        }
    }

    /// The devices as the kernel finds them.
    public struct Devices: Equatable, Sendable {
        /// Whether the GIC-400 drives the cores' interrupt lines.
        public var routesGIC: Bool
        /// The PL011's clock in Hz. It is enabled and may still be sending the firmware's last line.
        public var serialClock: Int
        /// Whether the header's UART pins were given to the PL011; else they belong to the mini UART or to nobody.
        public var headerHasPL011: Bool
        /// The clock of EMMC2 in Hz. start4 puts it from 200 to 100 MHz.
        public var cardClock = 100_000_000
        /// Whether the card has its power, at 3.3 V: it is left selected, with four data lines, in high speed.
        public var cardIsPowered = true
        /// Whether the DWC2 has its power: not before it is asked for.
        public var usbIsPowered = false
        /// PM_RSTS as the kernel reads it: start4 clears it.
        public var resetStatus: UInt32 = 0
        /// Whether the watchdog runs, with 16 s.
        public var watchdogRuns: Bool
    }

    /// What the firmware wrote, in the order of writing: where two overlap the later one is there.
    public internal(set) var memory: [Region] = []
    /// Where core 0 leaves the stub to, at EL2 with the MMU and caches off.
    public internal(set) var entry: UInt64 = 0
    /// x0 at the entry: the address of the device tree, or 0. x1 to x3 are 0.
    public internal(set) var x0: UInt64 = 0
    /// The end of the ARM's part of the first GiB.
    public internal(set) var memoryEnd: UInt64 = 0
    /// The device tree that x0 leads to, with what the firmware has written into it.
    public internal(set) var tree: FlattenedTree?
    /// The devices.
    public internal(set) var devices: Devices
    /// What keeps the kernel from its work; empty for a card that starts a board.
    public internal(set) var faults: [Fault] = []
    /// The partition booted from.
    public internal(set) var partition = 1
    /// The line of arguments: the firmware's words, then those of cmdline.txt.
    public internal(set) var bootArguments = ""
    /// Files that were looked for, in this order, and whether they were there.
    public internal(set) var requests: [FileRequest] = []
    /// Things that the firmware only reports, such as an overlay that is not there.
    public internal(set) var warnings: [String] = []

    /// A file that was looked for.
    public struct FileRequest: Equatable, Sendable {
        /// The path on the partition.
        public let path: String
        /// Whether it was there.
        public let isFound: Bool
    }

    /// The bytes at `range` as they are at the first instruction; nil if the firmware wrote none of them.
    public func bytes(_ range: Range<UInt64>) -> [UInt8]? {
        guard memory.contains(where: { $0.range.overlaps(range) }) else { return nil }
        var bytes = [UInt8](repeating: 0, count: range.count)
        for region in memory where region.range.overlaps(range) {
            for address in region.range.clamped(to: range) {
                bytes[Int(address - range.lowerBound)] = region.bytes[Int(address - region.address)]
            }
        }
        return bytes
    }

    /// The piece of memory with this name.
    public func region(_ name: String) -> Region? { memory.last { $0.name == name } }
}
