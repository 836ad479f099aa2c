/// A Raspberry Pi 4 in front of its firmware: what is known before a card is read.
public struct BoardDescription: Equatable, Sendable {
    /// The kinds of board that the firmware's `start4.elf` serves, by their type in the revision code.
    public enum Model: UInt32, Sendable {
        case model4B = 0x11
        case pi400 = 0x13
        case computeModule4 = 0x14
        case computeModule4S = 0x15

        /// The device tree that the firmware looks for, unless `device_tree=` names another one.
        public var deviceTree: String {
            switch self {
            case .model4B: "bcm2711-rpi-4-b.dtb"
            case .pi400: "bcm2711-rpi-400.dtb"
            case .computeModule4: "bcm2711-rpi-cm4.dtb"
            case .computeModule4S: "bcm2711-rpi-cm4s.dtb"
            }
        }

        /// The filters of config.txt that pass on it.
        var filters: [String] {
            switch self {
            case .model4B: ["pi4"]
            case .pi400: ["pi4", "pi400"]
            case .computeModule4: ["pi4", "cm4"]
            case .computeModule4S: ["pi4", "cm4s"]
            }
        }
    }

    /// The revision code: type in bits 4 to 11, memory size in bits 20 to 22.
    public var revision: UInt32
    /// The serial number.
    public var serial: UInt64
    /// The address of its Ethernet interface.
    public var hardwareAddress: [UInt8]
    /// PM_RSTS as the bootloader finds it: the partition to boot in bits 0, 2, 4, 6, 8 and 10, `tryboot` in bit 1.
    public var resetStatus: UInt32 = 0
    /// Whether the chip is of the first stepping, whose card controller reaches memory at 0xC0000000.
    public var hasFirstStepping = false

    /// A Model 4B 1.5 with 8 GiB.
    public init(revision: UInt32 = 0xd03115) {
        self.revision = revision
        serial = 0x1000_0000_1234_5678
        hardwareAddress = [0xdc, 0xa6, 0x32, 0x01, 0x02, 0x03]
    }

    /// The kind of board; a Model 4B for codes that no `start4.elf` knows.
    public var model: Model { Model(rawValue: revision >> 4 & 0xff) ?? .model4B }

    /// Bytes of memory.
    public var memorySize: UInt64 { (256 << 20) << UInt64(revision >> 20 & 7) }

    /// The partition that PM_RSTS asks for; 0 for none, 63 to halt.
    public var askedPartition: Int {
        (0..<6).reduce(0) { $0 | Int(resetStatus >> UInt32(2 * $1) & 1) << $1 }
    }

    /// Whether PM_RSTS asks for one try of another configuration.
    public var triesBoot: Bool { resetStatus & 2 != 0 }

    /// PM_RSTS that asks for a partition, or for a try.
    public static func resetStatus(partition: Int, tryboot: Bool = false) -> UInt32 {
        (0..<6).reduce(tryboot ? 2 : 0) { $0 | UInt32(partition >> $1 & 1) << UInt32(2 * $1) }
    }
}
