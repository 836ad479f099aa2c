/// One partition, as its table describes it. Untrusted: `Partition.init` checks it against the device.
public struct PartitionEntry: Sendable {
    /// What a partition says it holds.
    public enum Kind: Equatable, Sendable {
        /// The type byte of an MBR entry: 0x0C for FAT32, 0x83 for Linux.
        case mbr(UInt8)
        /// The partition type GUID of a GPT entry.
        case gpt(GUID)

        /// True for the types under which FAT file systems are found: their own, and those of NTFS, exFAT and Linux, which tools and people
        /// leave in place or choose by habit. What is there decides `FATVolume`.
        public var suggestsFAT: Bool {
            switch self {
            case .mbr(let type):
                switch type {
                case 0x01, 0x04, 0x06, 0x07, 0x0B, 0x0C, 0x0E, 0x11, 0x14, 0x16, 0x1B, 0x1C, 0x1E, 0x83, 0xEF: true
                default: false
                }
            case .gpt(let type): type == .basicData || type == .efiSystem || type == .linuxData
            }
        }

        /// True for the types of a partition that holds Apus's key-value store: 0xDA, data without a file system, in an MBR;
        /// 6D3F2E57-2B1C-4C8E-9A44-415055534B56 in a GPT.
        public var suggestsStore: Bool {
            switch self {
            case .mbr(let type): type == 0xDA
            case .gpt(let type): type == .apusStore
            }
        }
    }

    /// The number people know it by, from 1: primary partitions of an MBR are 1 to 4, logical ones 5 and up.
    public var number: Int
    /// What it says it holds.
    public var kind: Kind
    /// The blocks of the device it takes.
    public var blocks: Range<UInt64>
    /// True when the table marks it as the one to boot from.
    public var isBootable: Bool
    /// The identity a GPT gives it; zero in an MBR.
    public var identifier: GUID
    /// The name a GPT gives it; empty in an MBR.
    public var name: String
}
