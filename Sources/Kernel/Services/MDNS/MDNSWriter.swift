import DNS
import Network

/// Writes a message, the end that a name shares with an earlier one only once (RFC 1035, section 4.1.4).
struct MDNSWriter {
    /// What is written.
    private(set) var bytes: [UInt8] = []
    /// Where labels begin that a pointer can lead to.
    private var labels: [Int] = []

    mutating func append(_ word: UInt16) {
        bytes.append(UInt8(word >> 8))
        bytes.append(UInt8(word & 255))
    }

    mutating func append(_ name: DNSName) {
        let encoded = name.encoded
        var offset = 0
        // Only names that are written to their end can be pointed at.
        var added: [Int] = []
        defer { labels += added }
        while encoded[offset] != 0 {
            if let place = labels.first(where: { isWritten(encoded[offset...], at: $0) }) {
                return append(0xC000 | UInt16(place))
            }
            if bytes.count < 0x4000 { added.append(bytes.count) }
            let end = offset + 1 + Int(encoded[offset])
            bytes += encoded[offset..<end]
            offset = end
        }
        bytes.append(0)
    }

    mutating func append(_ record: MDNSRecord) {
        append(record.record.name)
        append(record.record.data.type.rawValue)
        append(record.isUnique ? 0x8001 : 1)
        append(UInt16(record.record.timeToLive >> 16))
        append(UInt16(truncatingIfNeeded: record.record.timeToLive))
        let start = bytes.count
        append(UInt16(0))
        switch record.record.data {
        // Names in other data stay whole: not everybody looks for pointers there (RFC 6762, section 18.14).
        case .ptr(let name): append(name)
        default: bytes += record.record.data.encoded
        }
        let count = bytes.count - start - 2
        bytes[start] = UInt8(count >> 8)
        bytes[start + 1] = UInt8(count & 255)
    }

    /// Whether the labels at `place` are exactly those of `name`, to its end.
    private func isWritten(_ name: ArraySlice<UInt8>, at place: Int) -> Bool {
        var (place, offset) = (place, name.startIndex)
        while true {
            // Each pointer leads to before where it stands, so that this ends.
            while bytes[place] & 0xC0 == 0xC0 { place = Int(bytes[place] & 0x3F) << 8 | Int(bytes[place + 1]) }
            let count = 1 + Int(bytes[place])
            guard offset + count <= name.endIndex else { return false }
            for index in 0..<count where bytes[place + index] != name[offset + index] { return false }
            if count == 1 { return true }
            place += count
            offset += count
        }
    }
}
