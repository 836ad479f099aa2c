/// A globally unique identifier, as a GPT holds it (UEFI 2.10, appendix A): the first three fields are little-endian
/// on disk and big-endian in text.
public struct GUID: Equatable, Sendable {
    /// The first eight bytes on disk, read as a little-endian number.
    public var low: UInt64
    /// The last eight bytes on disk, read as a little-endian number.
    public var high: UInt64

    /// The identifier whose sixteen bytes on disk are `low` and `high`.
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// The type of an unused entry.
    public static var zero: GUID { GUID(low: 0, high: 0) }
    /// EFI system partition, C12A7328-F81F-11D2-BA4B-00A0C93EC93B.
    public static var efiSystem: GUID { GUID(low: 0x11D2_F81F_C12A_7328, high: 0x3BC9_3EC9_A000_4BBA) }
    /// Basic data, EBD0A0A2-B9E5-4433-87C0-68B6B72699C7: FAT and NTFS volumes.
    public static var basicData: GUID { GUID(low: 0x4433_B9E5_EBD0_A0A2, high: 0xC799_26B7_B668_C087) }
    /// Data of Linux, 0FC63DAF-8483-4772-8E79-3D69D8477DE4: what tools there give a partition by default, whatever file system it gets.
    public static var linuxData: GUID { GUID(low: 0x4772_8483_0FC6_3DAF, high: 0xE47D_47D8_693D_798E) }
    /// Apus's key-value store, 6D3F2E57-2B1C-4C8E-9A44-415055534B56; the last six bytes read "APUSKV".
    public static var apusStore: GUID { GUID(low: 0x4C8E_2B1C_6D3F_2E57, high: 0x564B_5355_5041_449A) }
}

extension GUID: CustomStringConvertible {
    /// Upper-case text in the usual five groups.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        func append(_ value: UInt64, bytes: Int) {
            for shift in stride(from: bytes * 8 - 4, through: 0, by: -4) {
                let digit = UInt8(truncatingIfNeeded: value >> UInt64(shift)) & 15
                text.append(digit < 10 ? 0x30 + digit : 0x41 + digit - 10)
            }
        }
        append(low & 0xFFFF_FFFF, bytes: 4)
        text.append(0x2D)
        append(low >> 32 & 0xFFFF, bytes: 2)
        text.append(0x2D)
        append(low >> 48, bytes: 2)
        text.append(0x2D)
        let tail = high.byteSwapped
        append(tail >> 48, bytes: 2)
        text.append(0x2D)
        append(tail & 0xFFFF_FFFF_FFFF, bytes: 6)
        return String(decoding: text, as: UTF8.self)
    }
}
