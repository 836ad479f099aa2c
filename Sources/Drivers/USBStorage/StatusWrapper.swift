/// What a disk says about a command when it is over. Bulk-Only Transport, 5.2.
struct StatusWrapper {
    /// Bytes of it.
    static var length: Int { 13 }
    /// dCSWSignature.
    static var signature: UInt32 { 0x5342_5355 }

    /// dCSWDataResidue: bytes of the data that were not meant, or not taken, though they may have been moved.
    var residue: UInt32
    /// bCSWStatus.
    var status: UInt8
}
