import Network

/// The fields of a packet, one after the other. Everything that does not fit is a malformed packet.
struct MQTTReader: ~Escapable {
    private let bytes: RawSpan
    private(set) var offset = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.byteCount }

    private mutating func take(_ count: Int) throws(MQTTError) -> Int {
        guard bytes.byteCount - offset >= count else { throw .broken(.malformedPacket) }
        defer { offset += count }
        return offset
    }

    mutating func byte() throws(MQTTError) -> UInt8 { bytes.byte(try take(1)) }

    mutating func word16() throws(MQTTError) -> UInt16 { bytes.word16(try take(2)) }

    mutating func word32() throws(MQTTError) -> UInt32 { bytes.word32(try take(4)) }

    /// A number of one to four bytes (section 1.5.5).
    mutating func variable() throws(MQTTError) -> UInt32 {
        guard let (value, length) = try Self.variable(bytes, at: offset) else { throw .broken(.malformedPacket) }
        offset += length
        return value
    }

    /// The number at `offset`, and how many bytes it has; nil when more are needed.
    static func variable(_ bytes: RawSpan, at offset: Int) throws(MQTTError) -> (value: UInt32, length: Int)? {
        var value: UInt32 = 0
        for index in 0..<4 {
            guard offset + index < bytes.byteCount else { return nil }
            let byte = bytes.byte(offset + index)
            value |= UInt32(byte & 0x7F) << UInt32(7 * index)
            guard byte & 0x80 == 0 else { continue }
            // In as few bytes as it takes.
            if index > 0, byte == 0 { throw .broken(.malformedPacket) }
            return (value, index + 1)
        }
        throw .broken(.malformedPacket)
    }

    mutating func binary() throws(MQTTError) -> [UInt8] { try bytes(Int(word16())) }

    mutating func text() throws(MQTTError) -> [UInt8] {
        let text = try binary()
        guard MQTTMessage.isText(text) else { throw .broken(.malformedPacket) }
        return text
    }

    mutating func rest() throws(MQTTError) -> [UInt8] { try bytes(bytes.byteCount - offset) }

    mutating func bytes(_ count: Int) throws(MQTTError) -> [UInt8] {
        let start = try take(count)
        var result: [UInt8] = []
        result.reserveCapacity(count)
        for index in start..<start + count { result.append(bytes.byte(index)) }
        return result
    }
}

extension [UInt8] {
    mutating func append(word16 value: UInt16) {
        append(UInt8(value >> 8))
        append(UInt8(value & 255))
    }

    mutating func append(word32 value: UInt32) {
        append(word16: UInt16(value >> 16))
        append(word16: UInt16(value & 0xFFFF))
    }

    /// In as few of one to four bytes as it takes (section 1.5.5).
    mutating func append(variable value: Int) {
        var value = value
        repeat {
            append(UInt8(value & 0x7F) | (value > 0x7F ? 0x80 : 0))
            value >>= 7
        } while value > 0
    }

    /// With its length before it; 65535 bytes at most.
    mutating func append(field bytes: [UInt8]) {
        append(word16: UInt16(bytes.count))
        self += bytes
    }
}
