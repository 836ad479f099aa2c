/// Little-endian numbers and strings out of bytes that nobody has vouched for.
struct ByteReader {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func uint8(at offset: Int) throws -> UInt8 {
        guard bytes.indices.contains(offset) else { throw ELFError.malformed }
        return bytes[offset]
    }

    func uint16(at offset: Int) throws -> UInt16 { UInt16(try number(at: offset, size: 2)) }

    func uint32(at offset: Int) throws -> UInt32 { UInt32(try number(at: offset, size: 4)) }

    func uint64(at offset: Int) throws -> UInt64 { try number(at: offset, size: 8) }

    /// A 64-bit offset or size, which has to make sense as one.
    func integer(at offset: Int) throws -> Int {
        guard let value = Int(exactly: try uint64(at: offset)), value < 1 << 48 else { throw ELFError.malformed }
        return value
    }

    /// The bytes up to the next NUL, as text.
    func string(at offset: Int) throws -> String {
        guard bytes.indices.contains(offset), let end = bytes[offset...].firstIndex(of: 0) else {
            throw ELFError.malformed
        }
        return String(decoding: bytes[offset..<end], as: UTF8.self)
    }

    private func number(at offset: Int, size: Int) throws -> UInt64 {
        guard offset >= 0, offset <= bytes.count - size else { throw ELFError.malformed }
        return (0..<size).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
    }
}
