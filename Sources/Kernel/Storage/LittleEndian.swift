/// Little-endian fields of on-disk structures. Every access is checked against the span; one past its end traps, so
/// parsers look at the length of what they were given first.
extension Span where Element == UInt8 {
    /// The two bytes at `offset`.
    func u16(_ offset: Int) -> UInt16 {
        UInt16(self[offset]) | UInt16(self[offset + 1]) << 8
    }

    /// The four bytes at `offset`.
    func u32(_ offset: Int) -> UInt32 {
        UInt32(u16(offset)) | UInt32(u16(offset + 2)) << 16
    }

    /// The eight bytes at `offset`.
    func u64(_ offset: Int) -> UInt64 {
        UInt64(u32(offset)) | UInt64(u32(offset + 4)) << 32
    }
}
