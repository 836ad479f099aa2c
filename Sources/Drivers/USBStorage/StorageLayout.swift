/// How the driver's memory is used: whole cache lines for each purpose.
public enum StorageLayout {
    /// Bytes the driver needs.
    public static var size: Int { data.upperBound }
    /// The wrapper of a command: 31 bytes.
    static var command: Range<Int> { 0..<64 }
    /// The status: 13 bytes, with room for a packet of any size.
    static var status: Range<Int> { 64..<64 + 1024 }
    /// What is moved.
    static var data: Range<Int> { 1088..<1088 + 32768 }
}
