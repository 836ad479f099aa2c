/// Bytes with a name.
public enum ASCII {
    /// BEL.
    public static var bell: UInt8 { 0x07 }
    /// LF.
    public static var lineFeed: UInt8 { 0x0a }
    /// CR.
    public static var carriageReturn: UInt8 { 0x0d }
    /// SP.
    public static var space: UInt8 { 0x20 }
    /// The character between the names of a path.
    public static var slash: UInt8 { 0x2f }
    /// The character that takes the meaning from the next one.
    public static var backslash: UInt8 { 0x5c }

    /// `byte`, an upper-case letter as a lower-case one.
    public static func lowercased(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte }

    /// Whether `byte` separates words.
    public static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == 0x09 }
}
