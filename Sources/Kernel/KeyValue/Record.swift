/// One change in a payload: a key gets a value, or is deleted.
struct Record {
    /// What a record does.
    enum Kind: UInt8 {
        case put = 1
        case delete = 2
    }

    var kind: Kind
    /// Where in the bytes it was read from its key, its value and the next record begin.
    var keyStart: Int
    var valueStart: Int
    var end: Int

    static let headerSize = 12

    /// The bytes of a record in the log.
    static func size(keyLength: Int, valueLength: Int) -> Int { headerSize + keyLength + valueLength }

    /// The record at `offset` of `bytes`; nil when there is none, or `bytes` holds only a part of it. The checksum is not
    /// looked at.
    init?(_ bytes: [UInt8], at offset: Int) {
        guard offset >= 0, bytes.count - offset > Self.headerSize, let kind = Kind(rawValue: bytes[offset + 4]) else {
            return nil
        }
        let keyLength = Int(bytes[offset + 5])
        let valueLength = Int(bytes.number32(offset + 8))
        guard keyLength > 0, kind == .put || valueLength == 0 else { return nil }
        self.kind = kind
        keyStart = offset + Self.headerSize
        valueStart = keyStart + keyLength
        end = valueStart + valueLength
        guard end <= bytes.count else { return nil }
    }

    /// Whether the record at `offset` of `bytes`, which ends at `end`, is what was written.
    static func isWhole(_ bytes: [UInt8], _ offset: Int, _ end: Int, _ checksum: Checksum) -> Bool {
        bytes.number32(offset) == checksum(bytes, offset + 4..<end)
    }

    /// Appends a record to `payload`; `value` nil deletes the key.
    static func append(key: [UInt8], value: [UInt8]?, to payload: inout [UInt8], _ checksum: Checksum) {
        let start = payload.count
        payload.append(contentsOf: [UInt8](repeating: 0, count: headerSize))
        payload[start + 4] = (value == nil ? Kind.delete : .put).rawValue
        payload[start + 5] = UInt8(key.count)
        payload.set(UInt32(value?.count ?? 0), at: start + 8)
        payload.append(contentsOf: key)
        if let value { payload.append(contentsOf: value) }
        payload.set(checksum(payload, start + 4..<payload.count), at: start)
    }
}
