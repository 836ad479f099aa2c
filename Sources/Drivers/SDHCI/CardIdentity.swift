/// Who made the card (CID; SD Physical Layer Simplified Specification 6.00, 5.2).
public struct CardIdentity: Equatable, Sendable {
    private let response: LongResponse

    init(_ response: LongResponse) { self.response = response }

    /// MID: the manufacturer, assigned by the SD association.
    public var manufacturer: UInt8 { UInt8(response[120...127]) }

    /// OID: two ASCII characters, the first in the upper byte.
    public var application: UInt16 { UInt16(response[104...119]) }

    /// PNM: the product's name, five ASCII characters.
    public var name: [5 of UInt8] {
        [
            UInt8(response[96...103]), UInt8(response[88...95]), UInt8(response[80...87]), UInt8(response[72...79]),
            UInt8(response[64...71]),
        ]
    }

    /// Whether the product's name is `text`, of five characters.
    func isNamed(_ text: StaticString) -> Bool {
        let name = name
        for index in 0..<5 where unsafe text.utf8Start[index] != name[index] { return false }
        return true
    }

    /// PRV: the revision, two decimal digits.
    public var revision: (major: UInt8, minor: UInt8) { (UInt8(response[60...63]), UInt8(response[56...59])) }

    /// PSN: the serial number.
    public var serialNumber: UInt32 { response[24...55] }

    /// MDT: the year it was made.
    public var year: Int { 2000 + Int(response[12...19]) }

    /// MDT: the month it was made, 1 to 12.
    public var month: Int { Int(response[8...11]) }

    /// The register, bits 31 to 0 first, with zeros where its checksum would be.
    public var words: [4 of UInt32] { response.register }
}
