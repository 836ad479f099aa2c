/// What an eMMC can do and how it is set (EXT_CSD; JEDEC JESD84-B51, 7.4).
public struct ExtendedCardData: Equatable, Sendable {
    /// Bytes of the register.
    public static var size: Int { 512 }

    /// EXT_CSD_REV: 8 for version 5.1.
    public let revision: UInt8
    /// SEC_COUNT: the user area in blocks of 512 bytes; 0 when the CSD says it.
    public let blockCount: UInt64
    /// DEVICE_TYPE: the modes it has.
    let deviceType: UInt8
    /// PARTITION_CONFIG: which area commands go to, and which one the boot loader comes from.
    let partitionConfiguration: UInt8
    /// ERASE_GROUP_DEF: whether groups have the size that is given here.
    let definesEraseGroup: Bool
    /// HC_ERASE_GRP_SIZE, in blocks.
    let eraseGroup: UInt64

    /// Reads the register; nil when it is none: of another length, of no revision that is known, or with more blocks than it can have.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount == Self.size else { return nil }
        func byte(_ index: Int) -> UInt8 { unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self) }
        revision = byte(192)
        blockCount =
            UInt64(byte(212)) | UInt64(byte(213)) << 8 | UInt64(byte(214)) << 16 | UInt64(byte(215)) << 24
        deviceType = byte(196)
        partitionConfiguration = byte(179)
        definesEraseGroup = byte(175) & 1 != 0
        eraseGroup = UInt64(byte(224)) * 1024
        // All zeros or all ones are lines that nobody drives.
        if revision == 0xFF || deviceType == 0 || deviceType == 0xFF { return nil }
    }

    /// High speed at 26 MHz.
    public var hasHighSpeed: Bool { deviceType & 1 << 0 != 0 }
    /// High speed at 52 MHz.
    public var hasHighSpeed52: Bool { deviceType & 1 << 1 != 0 }
    /// Whether commands go to the user area, and not to one that a boot loader or keys are kept in.
    public var isInUserArea: Bool { partitionConfiguration & 7 == 0 }

    /// Whether `other` is the same device's register, read another time. What changes by being set is left out.
    func isOfSameDevice(as other: ExtendedCardData) -> Bool {
        revision == other.revision && blockCount == other.blockCount && deviceType == other.deviceType
            && eraseGroup == other.eraseGroup
    }

    /// Fields that are set by CMD6.
    enum Field: UInt32 {
        /// BUS_WIDTH.
        case busWidth = 183
        /// HS_TIMING.
        case timing = 185
    }
}
