/// Cards by who made them (CID), and what is wrong with those.
extension SDCardModel {
    /// Who made a card.
    public enum Maker: Sendable {
        /// Nobody.
        case apus
        /// ATP, locks up after CMD23.
        case atp
        /// Apacer, the same.
        case apacer
        /// Kingston's Canvas Go! Plus, the same here.
        case canvas
        /// Kingston's SDC10G2, damaged by small erases.
        case kingston

        var manufacturer: UInt32 {
            switch self {
            case .apus: 0x03
            case .atp: 0x09
            case .apacer: 0x27
            case .canvas: 0x9F
            case .kingston: 0x41
            }
        }

        var application: UInt32 {
            switch self {
            case .apus: 0x5344
            case .atp: 0x4154
            case .apacer: 0x5048
            case .canvas: 0x5449
            case .kingston: 0x3432
            }
        }

        var name: [UInt32] {
            let text =
                switch self {
                case .apus: "APUS1"
                case .atp: "AF SD"
                case .apacer: "APUSD"
                case .canvas: "SD64G"
                case .kingston: "SD16G"
                }
            return text.utf8.map { UInt32($0) }
        }
    }

    /// Whether CMD23 is the last command it answers until its power was off.
    public var locksUpOnBlockCount: Bool {
        switch maker {
        case .atp, .apacer, .canvas: true
        case .apus, .kingston: false
        }
    }

    /// Whether an erase of less than 64 blocks damages what lies before them.
    var isDamagedBySmallErases: Bool { maker == .kingston }

    /// The SD status (4.10.2): allocation units of 4 MiB.
    var cardStatus: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 64)
        bytes[10] = 0x90
        return bytes
    }
}
